"""The page of layers for reference: a file is dropped, looked at, loaded, drawn, given a look, removed and had back."""

import json
import re
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web_map.conftest import DESKTOP, PHONE
from tests.web_map.pages import Office, axe_violations, fits, told

pytestmark = [pytest.mark.browser, pytest.mark.database]
numbers = count(1)
GROUND = [[[110.2, 19.9], [110.5, 19.9], [110.5, 20.1], [110.2, 20.1], [110.2, 19.9]]]
SITE = {"type": "Point", "coordinates": [110.35, 20.0]}


def plan(folder: Path, name: str, *shapes: tuple[dict, dict]) -> Path:
    features = [{"type": "Feature", "properties": props, "geometry": shape} for props, shape in shapes]
    file = folder / name
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False))
    return file


def sites(folder: Path, name: str) -> Path:
    area = {"type": "Polygon", "coordinates": GROUND}
    return plan(folder, name, ({"名": "新区", "面积": 12.5}, area), ({"名": "站"}, SITE))


def added(page: Page, file: Path, title: str) -> None:
    expect(page.locator("#adding")).to_be_visible()  # the page takes files from here on
    page.locator("#file").set_input_files(file)
    window = page.get_by_role("dialog")
    window.get_by_label("标题").fill(title)
    window.get_by_role("button", name="添加", exact=True).click()
    expect(window).to_be_hidden(timeout=30_000)


def item(page: Page, title: str):
    return page.locator("#shown-list > li").filter(has=page.get_by_role("heading", name=title, exact=True))


@pytest.fixture
def title(office: Office):
    """A title of its own; the layers that a test leaves are removed after it."""
    yield f"规划（{next(numbers)}）🚧"
    keeper = office.api("boundary")
    for layer in keeper.get("api/reference-layers")["layers"]:
        if layer["recorded_by"] in {"boundary", "administrator"}:
            keeper.send("delete", f"api/reference-layers/{layer['name']}")


def test_the_menu_leads_here_and_who_keeps_no_layers_is_told_who_does(office) -> None:
    page = office.open("account", signed_in="planner")
    page.locator(".who-button").click()
    page.locator("#who-menu").get_by_role("link", name="参考图层").click()
    expect(page.get_by_role("heading", name="参考图层", level=1)).to_be_visible()
    expect(page.locator("#shown-list")).to_contain_text("管理员和界线管理员可以添加")
    expect(page.locator("#adding")).to_be_hidden()
    assert axe_violations(page) == []


def test_a_file_is_looked_at_added_seen_on_the_map_and_clicked(office, tmp_path, title) -> None:
    page = office.open("layers", signed_in="boundary")
    expect(page.locator("#shown-list")).to_contain_text("把文件拖到上面的框里")
    page.locator("#file").set_input_files(sites(tmp_path, "规划 图.geojson"))
    window = page.get_by_role("dialog")
    expect(window.get_by_label("名称（地址中使用）")).to_have_value("规划_图")
    expect(window).to_contain_text("新区")
    expect(window).to_contain_text("按文件自带：EPSG:4326")
    assert axe_violations(page) == []
    window.get_by_label("标题").fill(title)
    page.keyboard.press("Enter")
    expect(window).to_be_hidden(timeout=30_000)
    told(page, f"已添加图层“{title}”，共 2 行。")
    row = item(page, title)
    expect(row).to_be_focused()
    expect(row).to_contain_text("规划 图.geojson")
    expect(row).to_contain_text("2 行 · 多种几何")
    row.get_by_role("button", name=re.compile("样式|标题与样式")).click()
    page.get_by_label("注记字段").select_option("名")
    page.get_by_label("线宽").fill("4")
    page.get_by_role("button", name="保存").click()
    told(page, f"“{title}”已更新")
    row.get_by_role("link", name=f"在图上看“{title}”").click()
    expect(page.locator("#map[data-drawn]")).to_be_visible(timeout=20_000)
    page.locator("#layers-button").click()
    page.get_by_role("checkbox", name="界桩").uncheck()  # markers are picked before anything else
    expect(page.get_by_role("checkbox", name=title)).to_be_checked()
    page.keyboard.press("Escape")
    expect(page.locator("#map[data-drawn]")).to_be_visible(timeout=20_000)
    page.wait_for_load_state("networkidle")
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    popup = page.locator(".reference-popup")
    expect(popup).to_contain_text("站")
    expect(popup).to_contain_text("新区")
    expect(popup).to_contain_text("12.5")
    assert "/ogc/collections/" in popup.get_by_role("link").first.get_attribute("href")
    assert axe_violations(page) == []
    popup.get_by_role("button", name="此处的区划与界线").click()
    expect(popup).to_be_hidden()
    expect(page.locator("#panel")).to_be_visible()
    page.locator("#layers-button").click()
    expect(page.get_by_role("checkbox", name=title)).to_be_checked()
    page.get_by_role("button", name=f"看“{title}”的全部范围").click()


def test_a_removed_layer_is_had_back_and_a_replaced_one_keeps_its_name(office, tmp_path, title) -> None:
    page = office.open("layers", signed_in="administrator")
    added(page, sites(tmp_path, "旧.geojson"), title)
    row = item(page, title)
    row.locator("input[type=file]").set_input_files(plan(tmp_path, "新.geojson", ({"z": 1}, SITE)))
    window = page.get_by_role("dialog")
    expect(window.get_by_label("名称（地址中使用）")).to_have_value("旧")
    window.get_by_role("button", name="替换", exact=True).click()
    expect(window).to_be_hidden(timeout=30_000)
    expect(item(page, title)).to_contain_text("新.geojson")
    item(page, title).get_by_role("button", name=f"移除“{title}”").click()
    expect(page.get_by_role("alertdialog").get_by_role("button", name="取消")).to_be_focused()
    page.get_by_role("alertdialog").get_by_role("button", name="移除").click()
    told(page, f"“{title}”已移除，七天内可恢复")
    expect(item(page, title)).to_have_count(0)
    page.locator("#removed-list").get_by_role("button", name=f"恢复“{title}”").first.click()
    told(page, f"“{title}”已恢复")
    expect(item(page, title)).to_contain_text("新.geojson")


def test_a_table_asks_for_columns_and_crs_and_what_cannot_be_read_is_said(office, tmp_path, title) -> None:
    page = office.open("layers", signed_in="boundary")
    expect(page.locator("#adding")).to_be_visible()
    torn = tmp_path / "坏.gpkg"
    torn.write_text("nothing of the kind")
    page.locator("#file").set_input_files(torn)
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("坏.gpkg")
    office.forgive(422)
    page.keyboard.press("Escape")
    table = tmp_path / "点.csv"
    table.write_text("名称,横,纵\n甲,510000,2214000\n", encoding="gb18030")
    page.locator("#file").set_input_files(table)
    window = page.get_by_role("dialog")
    expect(window).to_contain_text("看不出坐标在哪些列")
    expect(window.get_by_role("button", name="添加", exact=True)).to_be_disabled()
    window.get_by_label("经度或东坐标列").select_option("横")
    window.get_by_label("纬度或北坐标列").select_option("纵")
    expect(window).to_contain_text("坐标范围")
    window.get_by_label("标题").fill(title)
    window.get_by_role("button", name="添加", exact=True).click()
    expect(window.get_by_role("alert")).to_contain_text("请填写")
    window.get_by_label("坐标系", exact=True).select_option("EPSG:4546")
    window.get_by_role("button", name="添加", exact=True).click()
    expect(window).to_be_hidden(timeout=30_000)
    expect(item(page, title)).to_contain_text("EPSG:4546")


def test_a_file_is_dropped_and_the_window_left_before_it_is_loaded(office, tmp_path) -> None:
    page = office.open("layers", signed_in="boundary", language="en")
    expect(page.locator("#drop")).to_contain_text("Drop a file here")
    transfer = page.evaluate_handle(
        """() => { const held = new DataTransfer();
             held.items.add(new File(['{"type":"FeatureCollection","features":[]}'], "empty.geojson")); return held; }"""
    )
    page.dispatch_event("#drop", "dragover", {"dataTransfer": transfer})
    expect(page.locator("#drop.over")).to_be_visible()
    page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})
    window = page.get_by_role("dialog")
    expect(window).to_contain_text("This layer has no rows.")
    page.keyboard.press("Escape")
    expect(window).to_have_count(0)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_page_can_be_read_by_everybody_at_any_width(office, tmp_path, title, size) -> None:
    page = office.open("layers", signed_in="boundary", size=size)
    added(page, sites(tmp_path, "版面.geojson"), title)
    item(page, title).get_by_text("下载", exact=True).click()
    assert axe_violations(page) == []
    assert fits(page)
    with page.expect_download() as download:
        item(page, title).get_by_role("link", name="下载“" + title + "”：GeoJSON").click()
    assert download.value.suggested_filename == "版面.geojson"
