import pytest

from bench.headers import Answer, grade_of, outcomes_of, score_of


def grade(**changes):
    """The grade of a page that has nothing to be blamed for, but for these changes."""
    good = {
        "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; frame-ancestors 'none'",
        "strict-transport-security": "max-age=31536000; includeSubDomains",
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cross-origin-resource-policy": "same-origin",
    }
    fields = {"secure": True, "plain_leads_to_tls": True} | changes
    headers = good | fields.pop("headers", {})
    answer = Answer(headers={name: value for name, value in headers.items() if value}, **fields)
    return score_of(outcomes_of(answer))


class TestTheObservatorysRules:
    def test_a_page_with_everything_gets_130_and_an_a_plus(self):
        assert grade() == 130
        assert grade_of(130) == "A+"
        assert grade(cookies=["sessionid=x; Secure; HttpOnly; SameSite=Lax"]) == 135

    @pytest.mark.parametrize(
        ("changes", "score"),
        [
            ({"headers": {"content-security-policy": ""}}, 75),
            ({"headers": {"content-security-policy": "default-src 'self' 'unsafe-inline'"}}, 80),
            ({"headers": {"content-security-policy": "default-src 'self'; style-src 'unsafe-inline'"}}, 115),
            ({"headers": {"content-security-policy": "default-src 'self'"}}, 120),
            ({"headers": {"strict-transport-security": ""}}, 80),
            ({"headers": {"strict-transport-security": "max-age=300"}}, 120),
            ({"headers": {"x-content-type-options": ""}}, 125),
            ({"headers": {"referrer-policy": "unsafe-url"}}, 120),
            ({"headers": {"cross-origin-resource-policy": ""}}, 120),
            ({"cookies": ["sessionid=x; HttpOnly; SameSite=Lax"]}, 120),
            ({"cookies": ["sessionid=x; Secure; SameSite=Lax"]}, 70),
            ({"cookies": ["csrftoken=x; Secure"]}, 80),
            ({"plain_leads_to_tls": False}, 80),
            ({"html": '<script src="https://cdn.example/x.js"></script>'}, 125),
            ({"headers": {"content-security-policy": "", "x-frame-options": ""}}, 55),
        ],
    )
    def test_each_fault_costs_its_points(self, changes, score):
        assert grade(**changes) == score

    def test_bonuses_are_for_those_who_hardly_need_them(self):
        assert grade(headers={"strict-transport-security": "", "x-content-type-options": ""}) == 75


class TestThisSite:
    @pytest.mark.parametrize("address", ["/", "/admin/login/", "/api/cases/", "/no-such-page"])
    def test_gets_an_a_plus_behind_tls(self, db, client, settings, address):
        settings.SECURE_HSTS_SECONDS = 31_536_000
        settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
        answer = client.get(address, secure=True)
        seen = Answer(
            secure=True,
            headers={name.lower(): value for name, value in answer.items()},
            cookies=[cookie.OutputString() for cookie in answer.cookies.values()],
            html=answer.content.decode(),
        )
        assert grade_of(score_of(outcomes_of(seen))) == "A+"
