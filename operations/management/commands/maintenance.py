from django.core.management.base import BaseCommand

from config.mode import MINUTES, Mode, State, change_state, current_state

_WORDS = {
    Mode.OPEN: "网站开放",
    Mode.CLOSED: "网站维护中：读者看到维护页，/healthz 与 /readyz 照常回答",
    Mode.READ_ONLY: "网站只读：阅读与检索照常，登录、编辑、导入都不接受",
}


class Command(BaseCommand):
    help = "暂停网站（on）、只供阅读（read-only）或重新开放（off）；立即对全部进程生效。不带参数则说明现在怎样。"
    requires_system_checks = []  # it has to work where nothing else does

    def add_arguments(self, parser):
        parser.add_argument("mode", nargs="?", choices=[mode.value for mode in Mode])
        parser.add_argument("--message", default="", help="告诉读者的一句话")
        parser.add_argument("--minutes", type=int, default=MINUTES, help="请读者几分钟后再来（默认 %(default)s）")

    def handle(self, *, mode, message, minutes, **options):
        if mode:
            change_state(State(Mode(mode), message.strip(), max(1, minutes)))
        state = current_state()
        told = f"（告诉读者：{state.message}）" if state.message else ""
        self.stdout.write(f"{_WORDS[state.mode]}{told}")
