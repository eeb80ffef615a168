"""The end of a name: retired, or merged into another whose history tells of it; refused where it cannot be."""

from uuid import uuid4

import pytest

from tests.geo_service.naming.office import TO_FORCE, TO_THE_COMMITTEE, Office

pytestmark = pytest.mark.database


def in_force(office: Office, name: str, north: float = 0) -> str:
    proposal = office.put(name, (0, north), (900, north), origin="近海", meaning="宜居海滨")["id"]
    office.walk(proposal, *TO_THE_COMMITTEE, *TO_FORCE)
    return str(office.read(proposal)["name_id"])


def end(office: Office, name: str, **more: object):
    asked = {"id": str(uuid4()), "ended_on": "2099-01-01", "instrument": "试〔2026〕9号"} | more
    return office.client.post(f"/api/naming/names/{name}/retirement", json=asked)


def test_a_name_is_merged_into_another_and_both_tell_of_it(office: Office) -> None:
    gone, stays = in_force(office, "宜海路"), in_force(office, "沧浪路", north=4000)
    act = {"id": str(uuid4()), "merged_into": stays}
    assert end(office, gone, **act).status_code == 200
    assert end(office, gone, **act).status_code == 200  # sent twice, recorded once
    told = {
        name: [
            (event["event"], event["detail"])
            for event in office.client.get(f"/api/naming/names/{name}").json()["properties"]["events"]
            if event["event"] == "merged"
        ]
        for name in (gone, stays)
    }
    assert told[gone] == [("merged", {"historic": False, "merged_into": stays, "called": "沧浪路"})]
    assert told[stays] == [("merged", {"took": gone, "called": "宜海路"})]
    assert office.client.get(f"/api/naming/names/{gone}").json()["properties"]["status"] == "retired"
    answer = end(office, gone, **act | {"merged_into": None})
    assert (answer.status_code, answer.json()["code"]) == (409, "naming.act_repeated")


def test_a_name_is_merged_into_nothing_that_is_gone_nor_into_itself(office: Office) -> None:
    gone, stays = in_force(office, "宜海路"), in_force(office, "沧浪路", north=4000)
    answer = end(office, stays, merged_into=stays)
    assert (answer.status_code, answer.json()["code"]) == (422, "input.invalid")
    assert end(office, gone, historic=True).status_code == 200
    answer = end(office, stays, merged_into=gone)
    assert (answer.status_code, answer.json()["code"]) == (409, "naming.name_not_in_force")
    answer = end(office, stays, merged_into=str(uuid4()))
    assert (answer.status_code, answer.json()["code"]) == (404, "naming.name_not_found")
    assert office.client.get(f"/api/naming/names/{stays}").json()["properties"]["status"] == "in_force"
    assert end(office, gone).json()["code"] == "naming.name_not_in_force"
