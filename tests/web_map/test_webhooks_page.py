"""The page of addresses that are told of changes: added with its secret shown once, tried, paused, renewed, removed."""

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web_map.conftest import DESKTOP, PHONE
from tests.web_map.pages import Office, axe_violations, fits, refused, told

pytestmark = [pytest.mark.browser, pytest.mark.database]
numbers = count(1)


@dataclass
class Receiver:
    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Another system on loopback."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.got.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(found.answers.pop(0) if found.answers else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def administrator(office: Office) -> str:
    name = f"hook-administrator-{next(numbers)}"
    office.newcomer(name, roles=("administrator",), password=f"demo-{name}")
    return name


def item(page: Page, label: str) -> Locator:
    return page.locator(".webhooks > li").filter(has_text=label)


def add(page: Page, label: str, url: str, *layers: str) -> str:
    """Add an address by hand and return the secret that was shown."""
    page.get_by_role("button", name="登记地址").click()
    form = page.get_by_role("dialog")
    form.get_by_label("名称").fill(label)
    form.get_by_label("网址").fill(url)
    for layer in layers:
        form.get_by_label(layer, exact=True).check()
    form.get_by_role("button", name="登记地址").click()
    shown = page.get_by_label("签名密钥", exact=True)
    expect(shown).to_have_value(re.compile(".{40,}"))
    secret = shown.input_value()
    page.get_by_role("button", name="我已保存").click()
    return secret


def test_added_tried_and_told_of_a_change(office, receiver) -> None:
    page = office.open("account", signed_in=administrator(office))
    page.get_by_role("button", name=re.compile("测试")).click()
    page.locator("#who-menu").get_by_role("link", name="变更通知").click()
    expect(page.get_by_role("heading", name="变更通知", level=1)).to_be_visible()
    page.get_by_role("button", name="登记地址").click()
    form = page.get_by_role("dialog")
    form.get_by_role("button", name="登记地址").click()
    assert refused(page, "dialog form") == "请填写或改正标出的各项。"
    form.get_by_label("名称").fill("内网系统")
    form.get_by_label("网址").fill("http://10.1.2.3/hook")
    form.get_by_role("button", name="登记地址").click()
    assert refused(page, "dialog form") == "请至少选择一个图层。"
    form.get_by_label("界线", exact=True).check()
    form.get_by_role("button", name="登记地址").click()
    assert "GEO_WEBHOOK_NETWORKS" in refused(page, "dialog form")
    office.forgive(422)
    page.keyboard.press("Escape")

    label = f"外局{next(numbers)}"
    secret = add(page, label, receiver.url, "界线", "社区服务中心")
    told(page, f"已登记：{label}")
    mine = item(page, label)
    expect(mine).to_be_focused()
    expect(mine).to_contain_text("界线 · 社区服务中心")
    expect(mine).to_contain_text("尚未发送")
    assert secret not in page.content()
    mine.get_by_role("button", name=f"向“{label}”发送测试").click()
    told(page, "测试：已送达 · 对方应答 204")
    headers, body = receiver.got[-1]
    expected = hmac.new(secret.encode(), f"{headers['Geo-Timestamp']}.".encode() + body, hashlib.sha256)
    assert headers["Geo-Signature"] == f"sha256={expected.hexdigest()}"
    assert json.loads(body)["test"] is True
    receiver.answers.append(500)
    mine.get_by_role("button", name=f"向“{label}”发送测试").click()
    told(page, "测试：未送达 · 对方应答 500")
    item(page, label).get_by_text("发送记录", exact=True).click()
    rows = item(page, label).locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("未送达")
    expect(rows.first).to_contain_text("对方应答 500")


def test_paused_renewed_and_removed_with_a_question_first(office, receiver) -> None:
    page = office.open("webhooks", signed_in=administrator(office))
    label = f"外局{next(numbers)}"
    first = add(page, label, receiver.url, "地名")
    item(page, label).get_by_role("button", name=f"暂停“{label}”").press("Enter")
    told(page, "已暂停；期间的变化在恢复后一并通知")
    expect(item(page, label)).to_contain_text("已暂停")
    item(page, label).get_by_role("button", name=f"恢复“{label}”").click()
    told(page, "已恢复")
    item(page, label).get_by_role("button", name=f"为“{label}”更换密钥").click()
    page.get_by_role("alertdialog").get_by_role("button", name="更换密钥").click()
    renewed = page.get_by_label("签名密钥", exact=True)
    expect(renewed).to_have_value(re.compile(".{40,}"))
    assert renewed.input_value() != first
    page.get_by_role("button", name="我已保存").click()
    expect(item(page, label)).to_contain_text("旧密钥有效至")
    item(page, label).get_by_role("button", name=f"移除“{label}”").click()
    page.get_by_role("alertdialog").get_by_role("button", name="取消").click()
    expect(item(page, label)).to_be_visible()
    item(page, label).get_by_role("button", name=f"移除“{label}”").click()
    page.get_by_role("alertdialog").get_by_role("button", name="移除", exact=True).click()
    told(page, f"已移除：{label}")
    expect(item(page, label)).to_have_count(0)
    expect(page.locator("#list-title")).to_be_focused()


def test_only_for_administrators(office) -> None:
    page = office.open("webhooks", signed_in="planner")
    expect(page.get_by_role("heading", level=1)).to_have_text("无权查看本页")
    page.get_by_role("button", name=re.compile("账户菜单")).click()
    expect(page.locator("#who-menu").get_by_role("link", name="变更通知")).to_have_count(0)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_accessible(office, receiver, size, language) -> None:
    name = administrator(office)
    label = f"无障碍{next(numbers)}"
    asked = {"label": label, "url": f"{receiver.url}/{'long-' * 20}", "layers": ["lines", "names"]}
    hook = office.api(name).send("post", "api/webhooks", asked)["id"]
    office.api(name).send("post", f"api/webhooks/{hook}/test", None)
    page = office.open("webhooks", signed_in=name, size=size, language=language)
    item(page, label).locator("summary").click()
    expect(item(page, label).locator("tbody tr")).to_have_count(1)
    assert axe_violations(page) == []
    assert fits(page)
    page.locator("#add").click()
    expect(page.locator("dialog form")).to_be_visible()
    page.locator("dialog [type=submit]").click()
    assert axe_violations(page) == []
    assert fits(page)
