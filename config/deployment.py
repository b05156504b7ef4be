"""Settings with which the site must not start, or starts with a warning; each told in one Chinese line."""

from collections.abc import Iterable

from config.friendly import SetupError

LOCAL_HOSTS = {"127.0.0.1", "localhost", "::1", "[::1]", "testserver"}

# Django's deployment checks in the operator's words; one that is not here is told as Django says it.
CHECKS = {
    "security.W004": "没有 HSTS：请用 HSTS_SECONDS 给出秒数",
    "security.W008": "没有把 http:// 转到 https://",
    "security.W012": "登录用的 Cookie 会经过没有加密的连接",
    "security.W016": "表单用的 Cookie 会经过没有加密的连接",
}
# What follows from doing without TLS, which is told once and in full.
WITHOUT_TLS = {"security.W004", "security.W008", "security.W012", "security.W016"}


def is_local(hosts: Iterable[str]) -> bool:
    """Whether the site answers only to this machine's own names."""
    return set(hosts) <= LOCAL_HOSTS


def contradictions(*, debug: bool, hosts: list[str]) -> list[str]:
    """Why the site may not run with these settings; empty when it may."""
    reasons = []
    if "*" in hosts:
        reasons.append(
            "ALLOWED_HOSTS=* 会接受任何主机名：请列出访问时用的主机名或地址，例如 ALLOWED_HOSTS=anli.example.org"
        )
    if debug and not is_local(hosts):
        reasons.append("DEBUG=1 会把代码和设置给所有访问者看：请去掉 DEBUG，或把 ALLOWED_HOSTS 限于本机")
    return reasons


def refuse_contradictions(*, debug: bool, hosts: list[str]) -> None:
    """Raises SetupError with all of the reasons, when there are some."""
    if reasons := contradictions(debug=debug, hosts=hosts):
        raise SetupError("；".join(reasons))


def warnings_of_deployment() -> list[str]:
    """What `check --deploy` has to say of these settings, a line each; empty when all is well.

    A site for this machine alone needs no TLS, and one without TLS hears of it once.
    """
    from django.conf import settings
    from django.core.checks import Tags, run_checks

    if settings.DEBUG:
        return []
    messages = run_checks(tags=[Tags.security], include_deployment_checks=True)
    messages = [message for message in messages if not message.is_silenced()]
    lines = []
    if not settings.SECURE_SSL_REDIRECT:
        messages = [message for message in messages if message.id not in WITHOUT_TLS]
        if not is_local(settings.ALLOWED_HOSTS):
            lines.append("没有 HTTPS：密码和登录会不加密地经过网络，请在前面放 TLS 并设 HTTPS=1")
    return lines + [CHECKS.get(message.id) or f"{message.id}：{message.msg}" for message in messages]
