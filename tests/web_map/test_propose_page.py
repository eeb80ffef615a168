"""Writing a proposal: the road drawn with keys and mouse or read from a file, names checked while they are typed, drafts that survive."""

import json
import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.web_map.conftest import DESKTOP, PHONE
from tests.web_map.naming_office import propose
from tests.web_map.pages import axe_violations, fits

pytestmark = [pytest.mark.browser, pytest.mark.database]

BESIDE = [[110.19, 19.9695], [110.2, 19.9695]]
"""A road that crosses 明珠路 of the demonstration and no other name runs on."""


def opened(office, path="naming/propose", **how):
    page = office.open(path, signed_in=how.pop("signed_in", "naming"), **how)
    expect(page.locator(".road-map[data-drawn]")).to_be_visible()
    return page


def feature(coordinates, kind="LineString", **properties):
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def read_file(page, content, name="road.geojson"):
    text = content if isinstance(content, str) else json.dumps(content)
    file = {"name": name, "mimeType": "application/geo+json", "buffer": text.encode()}
    page.locator("#road-file").set_input_files(file)


def shape(page):
    return page.locator(".ground [role=status]")


def centre(page):
    page.locator(".road-map").scroll_into_view_if_needed()
    box = page.locator(".road-map").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def kept(page):
    return json.loads(page.evaluate("localStorage.getItem('proposal-draft:naming:new')"))


def test_a_road_is_drawn_with_the_keys_alone(office):
    page = opened(office)
    page.get_by_role("button", name="画道路").focus()
    page.keyboard.press("Enter")
    ground = page.get_by_role("application")
    expect(ground).to_be_focused()
    for key in ("Enter", "Shift+ArrowRight", "Enter", "Shift+ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(ground).to_have_attribute("data-positions", "3")
    page.keyboard.press("Backspace")
    expect(shape(page)).to_have_text(re.compile(r"已画 2 点 · [\d.]+ (千米|米)"))
    page.keyboard.press("Escape")
    expect(shape(page)).to_contain_text("已有道路线")
    west, east = kept(page)["geometry"]["coordinates"]
    assert east[0] > west[0]
    assert east[1] == pytest.approx(west[1], abs=(east[0] - west[0]) / 5)
    page.get_by_role("button", name="接着画").click()
    expect(ground).to_have_attribute("data-positions", "2")


def test_a_road_is_drawn_with_the_mouse_and_a_bend_is_dragged(office):
    page = opened(office)
    page.get_by_role("button", name="画道路").click()
    x, y = centre(page)
    page.mouse.click(x - 80, y)
    page.mouse.click(x, y + 60)
    page.mouse.dblclick(x + 80, y)
    expect(shape(page)).to_contain_text("已有道路线")
    before = kept(page)["geometry"]["coordinates"]
    assert len(before) == 3
    page.get_by_role("button", name="接着画").click()
    page.mouse.move(x, y + 60)
    page.mouse.down()
    page.mouse.move(x, y + 20, steps=4)
    page.mouse.up()
    page.wait_for_function(
        "south => JSON.parse(localStorage.getItem('proposal-draft:naming:new')).geometry.coordinates[1][1] > south",
        arg=before[1][1],
    )
    page.get_by_role("button", name="画完").click()
    after = kept(page)["geometry"]["coordinates"]
    assert (after[0], after[2]) == (before[0], before[2])


def test_a_place_is_a_point(office):
    page = opened(office)
    page.get_by_label("类别").select_option("square")
    page.get_by_role("button", name="标位置点").click()
    page.mouse.click(*centre(page))
    page.get_by_role("button", name="画完").click()
    expect(shape(page)).to_have_text("已有位置点")
    assert kept(page)["geometry"]["type"] == "Point"


def test_a_name_is_checked_while_it_is_typed_with_its_evidence_on_the_map(office):
    page = opened(office)
    read_file(page, feature(BESIDE))
    expect(page.get_by_label("长度（米）")).to_have_attribute("placeholder", re.compile(r"104[67]"))
    name = page.get_by_label("名称", exact=True)
    name.press_sequentially("明珠路")
    same = page.locator('tr[data-code="DUP-01"]')
    expect(same).to_contain_text("范围内重名：明珠路")
    expect(same.locator(".badge")).to_have_text("禁止")
    expect(page.locator("tr.family").first).to_have_text("重名、同音、近形")
    expect(page.locator(".road-name.against")).to_have_text(["明珠路"])
    expect(page.locator(".map-legend .scope")).to_have_text("建成区：海口市")
    name.fill("明竹路")
    expect(same).to_have_count(0)
    near = page.locator('tr[data-code="DUP-03"]')
    expect(near.locator("mark")).to_have_text(["竹", "珠"])
    near.get_by_role("button", name="在图上看").click()
    expect(page.get_by_role("application")).to_be_focused()
    page.get_by_label("语言").select_option("en")
    expect(page.locator('tr[data-code="DUP-03"]')).to_contain_text("sounds the same but for the tones")
    expect(page.locator("tr.family").first).to_have_text("Same, alike, near")


def test_what_the_road_is_changes_what_is_found(office):
    page = opened(office)
    page.get_by_label("名称", exact=True).fill("椰风大道")
    asked = page.locator('tr[data-code="GEN-03"]')
    expect(asked).to_be_visible()
    page.get_by_label("使用“大道”“大街”的理由").fill("城市主轴，红线宽六十米")
    expect(asked).to_have_count(0)
    page.get_by_label("事项").select_option("rename")
    expect(page.locator('tr[data-code="HIS-02"]')).to_be_visible()
    page.get_by_label("原名", exact=True).fill("明珠路")
    expect(page.get_by_label("地名库中的原名").locator("option:checked")).to_have_text(re.compile("明珠路"))
    page.get_by_label("更名理由（条例第十条）").select_option("construction")
    expect(page.locator('tr[data-code="HIS-02"]')).to_have_count(0)


def test_alternatives_have_checks_and_readings_of_their_own(office):
    page = opened(office)
    read_file(page, feature(BESIDE))
    page.get_by_label("名称", exact=True).fill("晨曦路")
    first = page.locator(".name-block").nth(1)
    first.get_by_label("备选 1", exact=True).fill("长滨三路")
    expect(first.locator('tr[data-code="CHR-03"]')).to_be_visible()
    reading = first.get_by_role("group", name=re.compile("“长”"))
    expect(reading).to_have_accessible_name("“长”读哪个音？请确认")
    reading.get_by_label("cháng").check()
    expect(reading).to_have_accessible_name("“长”的读音")
    expect(first.locator('tr[data-code="CHR-03"]')).to_have_count(0)
    expect(first.locator(".spelled")).to_contain_text("Chángbīn 3 Lù")
    second = page.locator(".name-block").nth(2)
    second.get_by_label("备选 2", exact=True).fill("明珠路")
    expect(second.locator('tr[data-code="DUP-01"]')).to_be_visible()
    expect(page.locator(".road-name.against")).to_have_text(["明珠路"])
    page.get_by_role("button", name="增加备选").click()
    expect(page.get_by_label("备选 3", exact=True)).to_be_focused()
    page.get_by_role("button", name="删去备选 2").click()
    expect(page.get_by_label("备选 2", exact=True)).to_have_value("")
    expect(page.locator(".road-name.against")).to_have_count(0)
    assert [each["name"] for each in kept(page)["names"]] == ["晨曦路", "长滨三路", ""]


def test_a_reload_keeps_the_draft_and_discarding_it_asks(office):
    page = opened(office)
    read_file(page, feature(BESIDE))
    page.get_by_label("名称", exact=True).fill("长滨四路")
    page.get_by_label("zhǎng").check()
    page.get_by_label("含义", exact=True).fill("长而近水")
    page.get_by_label("宽度（米）").fill("24")
    page.get_by_label("宽度按").select_option("red_line")
    page.reload()
    expect(page.locator("#told")).to_contain_text("已恢复本机保留的草稿")
    expect(page.get_by_label("名称", exact=True)).to_have_value("长滨四路")
    expect(page.get_by_label("zhǎng")).to_be_checked()
    expect(page.get_by_label("含义", exact=True)).to_have_value("长而近水")
    expect(page.get_by_label("宽度按")).to_have_value("red_line")
    expect(shape(page)).to_contain_text("已有道路线")
    page.get_by_role("button", name="放弃改动").click()
    page.get_by_role("alertdialog").get_by_role("button", name="取消").click()
    expect(page.get_by_label("名称", exact=True)).to_have_value("长滨四路")
    page.get_by_role("button", name="放弃改动").click()
    page.get_by_role("alertdialog").get_by_role("button", name="放弃改动").click()
    expect(page.get_by_label("名称", exact=True)).to_have_value("")
    page.reload()
    expect(page.get_by_label("名称", exact=True)).to_have_value("")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("名称,经度\n", "不是 JSON 文本"),
        ({"name": "road"}, "不是 GeoJSON"),
        (feature([110.2, 19.9], "Point"), "没有线，只有：Point"),
        (feature([[431986.8, 2214712.4], [432986.8, 2214712.4]]), "像是投影坐标"),
        (feature([[19.96, 110.19], [19.97, 110.19]]), "像是纬度在前"),
        (feature([[110.19, None], [110.2, 19.9]]), "坐标不是数字"),
        (
            feature(BESIDE) | {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4546"}}},
            "坐标系是 urn:ogc:def:crs:EPSG::4546",
        ),
        (feature([[110 + place * 1e-5, 20.0] for place in range(20_001)]), "20001 个点，最多 20000 个"),
    ],
    ids=["text", "json", "point", "metres", "swapped", "hole", "crs", "long"],
)
def test_a_file_that_is_no_road_is_refused_with_what_it_is(office, content, words):
    page = opened(office)
    read_file(page, content)
    expect(page.locator(".ground [role=alert]")).to_contain_text(words)
    expect(shape(page)).to_have_text("还没有画出位置")


def test_a_file_of_several_roads_asks_which(office):
    page = opened(office)
    two = [feature(BESIDE, name="甲路"), feature([[110.21, 19.97], [110.21, 19.98], [110.22, 19.99]])]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    read_file(page, {"type": "FeatureCollection", "crs": crs, "features": two})
    which = page.get_by_label("文件中有 2 条道路，用哪一条？")
    expect(which).to_be_focused()
    assert which.locator("option").all_inner_texts()[1].startswith("1. 甲路 · 1.05 千米")
    which.select_option("1")
    expect(page.get_by_role("application")).to_have_attribute("data-positions", "3")


def test_a_road_that_waits_for_a_name_is_chosen(office):
    page = opened(office)
    read_file(page, feature([[110.234, 19.9655], [110.24, 19.9655]]))
    waiting = page.get_by_label("图中有 2 条道路还没有名称")
    waiting.select_option(label="无名 2 · 837 米")
    expect(shape(page)).to_have_text("已有道路线 · 837 米")
    assert kept(page)["geometry"]["coordinates"][0][0] == pytest.approx(110.234)


def test_it_is_saved_once_changed_and_goes_on_at_the_desk(office):
    api = office.api("naming")
    page = opened(office)
    page.get_by_role("button", name="保存方案").click()
    expect(page.get_by_text("请填写或改正标出的各项")).to_be_visible()
    read_file(page, feature([[110.245, 19.93], [110.245, 19.934]]))
    page.get_by_label("名称", exact=True).fill("长庚路")
    page.get_by_role("group", name=re.compile("“长”")).get_by_label("cháng").check()
    expect(page.locator("tr[data-code='CHR-03']")).to_have_count(0)
    page.get_by_label("备选 1", exact=True).fill("启明路")
    page.get_by_label("备选 2", exact=True).fill("长朝路")
    for polyphone, sound in (("长", "cháng"), ("朝", "zhāo")):
        choice = page.locator(".name-block").nth(2).get_by_role("group", name=re.compile(f"“{polyphone}”"))
        choice.get_by_label(sound, exact=True).check()
    page.get_by_role("button", name="增加备选").click()
    page.get_by_label("备选 3", exact=True).fill("启明路")
    page.get_by_label("宽度（米）").fill("30")
    page.get_by_label("宽度按").select_option("kerb")
    page.get_by_label("单位名称").fill("某街道办事处")
    page.get_by_role("button", name="保存方案").click()
    expect(page.get_by_text("“启明路”写了两次")).to_be_visible()
    page.get_by_label("备选 3", exact=True).fill("辰星路")
    page.get_by_role("button", name="保存方案").click()
    expect(page.locator(".saved")).to_contain_text("长庚路 Chánggēng Lù 已存档，现处于：草稿")
    proposal = page.url.split("?id=")[1]
    facts = api.get(f"api/naming/proposals/{proposal}")["properties"]
    assert facts["reading"] == ["cháng", "gēng", "lù"]
    assert (facts["width_m"], facts["width_basis"]) == (30, "kerb")
    assert facts["alternatives"] == ["启明路", "长朝路", "辰星路"]
    assert facts["alternative_readings"] == {"长朝路": ["cháng", "zhāo", "lù"]}
    assert facts["applicant"]["name"] == "某街道办事处"
    assert facts["length_m"] == pytest.approx(442.8, abs=0.2)
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('proposal-draft'))") == []
    page.reload()
    expect(page.get_by_label("名称", exact=True)).to_have_value("长庚路")
    first = page.locator(".name-block").first
    expect(first.get_by_role("group", name="“长”的读音").get_by_label("cháng")).to_be_checked()
    expect(page.locator(".name-block").nth(2).get_by_label("zhāo", exact=True)).to_be_checked()
    page.get_by_label("含义", exact=True).fill("长庚即金星")
    page.get_by_role("button", name="保存方案").click()
    expect(page.locator(".saved")).to_be_visible()
    assert api.get(f"api/naming/proposals/{proposal}")["properties"]["meaning"] == "长庚即金星"
    page.locator(".saved").get_by_role("link", name="到审查台").click()
    expect(page.locator(".proposed rt")).to_have_text(["cháng", "gēng", "lù"])
    page.locator('[data-event="check"] summary').click()
    page.locator('[data-event="check"]').get_by_role("button", name="预审").click()
    expect(page.locator("#told")).to_contain_text("现处于：预审")


def test_what_somebody_else_changed_meanwhile_is_asked_about(office):
    api = office.api("naming")
    proposal = str(uuid4())
    api.send("post", "api/naming/proposals", {"id": proposal, "name": "海棠路", "unit_code": "460105"})
    page = opened(office, f"naming/propose?id={proposal}")
    page.get_by_label("含义", exact=True).fill("市花")
    first = page.evaluate(f"JSON.parse(localStorage.getItem('proposal-draft:naming:{proposal}')).etag")
    change = {"name": "海棠街", "unit_code": "460105"}
    api.send("put", f"api/naming/proposals/{proposal}", change, **{"If-Match": first})
    page.get_by_role("button", name="保存方案").click()
    expect(page.locator(".conflict")).to_contain_text("现名“海棠街”")
    page.get_by_role("button", name="以我写的为准").click()
    page.get_by_role("button", name="保存方案").click()
    expect(page.locator(".saved")).to_contain_text("海棠路")
    facts = api.get(f"api/naming/proposals/{proposal}")["properties"]
    assert (facts["name"], facts["meaning"]) == ("海棠路", "市花")
    office.forgive(412)


def test_a_proposal_beyond_its_draft_leads_to_the_desk_and_others_do_not_write(office):
    proposal = propose(office.api("naming"), "丹霞路", upto="reserve", place=95)
    page = office.open(f"naming/propose?id={proposal}", signed_in="naming")
    expect(page.get_by_text("此方案现处于“已预留”，不能再改。")).to_be_visible()
    expect(page.get_by_role("link", name="到审查台")).to_have_attribute("href", f"./#{proposal}")
    page = office.open("naming/propose", signed_in="committee")
    expect(page.get_by_role("heading", name="无权查看本页")).to_be_visible()


def test_the_desk_and_the_menu_lead_to_it(office):
    page = office.open("naming/", signed_in="naming")
    page.get_by_role("link", name="拟写地名方案").first.click()
    expect(page.locator(".road-map[data-drawn]")).to_be_visible()
    page.get_by_role("button", name="演示地名员").click()
    here = page.locator("#who-menu").get_by_role("link", name="拟写地名方案")
    expect(here).to_have_attribute("aria-current", "page")
    page = office.open("naming/", signed_in="committee")
    expect(page.locator("#board .entry").first).to_be_visible()
    expect(page.get_by_role("link", name="拟写地名方案")).to_be_hidden()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_accessible(office, size, language):
    page = opened(office, size=size, language=language)
    read_file(page, feature(BESIDE))
    page.locator("input[name=name]").fill("长珠大道")
    page.locator("input[name=alternatives]").first.fill("明珠路")
    expect(page.locator(".name-block").nth(1).locator('tr[data-code="DUP-01"]')).to_be_visible()
    expect(page.locator(".polyphone")).to_be_visible()
    page.locator("#propose-action").select_option("rename")
    assert axe_violations(page) == []
    assert fits(page)
    page.locator(".ground .actions button").nth(1).click()
    assert axe_violations(page) == []
    assert fits(page)
