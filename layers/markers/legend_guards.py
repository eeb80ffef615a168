"""The guards of the case table in words, each as what is true once it is satisfied; decides nothing."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from layers.markers.legend import Wording

W = Wording
GUARD: Final[Mapping[str, Wording]] = MappingProxyType(
    {
        "brings": W("所需材料齐全", "the records that the step asks for are brought"),
        "managing_side_known": W("分工管理方已确定，并由其办理", "the managing side is determined, and acts"),
        "accepted_or_lost": W("案件已受理或灭失已确认", "the case is accepted, or the loss confirmed"),
        "neighbour_notified": W(
            "已通知毗邻各方并商定日期", "every neighbouring side is told, a day is agreed"
        ),
        "neighbour_attended": W(
            "毗邻各方到场，有签字和照片在案", "every neighbouring side attended, on record"
        ),
        "attends_for_neighbour": W(
            "由毗邻方人员确认到场，有现场照片", "attendance confirmed for the neighbouring side, with a photo"
        ),
        "attendance_on_record": W("毗邻方到场记录在案", "the neighbour's attendance is on record"),
        "surveyed_at_legal_point": W(
            "已重新测定，位于法定位置限差之内", "surveyed anew, on its legal point within the limit"
        ),
        "surveyed_at_new_point": W("已测定新位置及精度", "the new position is surveyed, with its accuracy"),
        "consented_by_all": W(
            "毗邻各方政府同意，文件在案", "all adjoining governments agree, by documents on record"
        ),
        "accepted_by_other_side": W(
            "由另一方人员验收，非记录施工者本人", "accepted for the other side, not by who recorded the work"
        ),
        "signed_by_all": W("各方签字，签字件在案", "signed by each side, the sheets on record"),
        "witness_not_reporter": W("证明人不是报告人", "the witness is not the reporter"),
        "loss_proven": W(
            "灭失有证据、经过寻找，并由第二人确认", "the loss has evidence, a search, and a second person"
        ),
        "no_confirmed_loss": W("未有已确认的灭失", "no confirmed loss is put off"),
        "filed": W("备案文号和日期有效", "the filing has a number and a valid date"),
        "papers_on_record": W("所引用的文件和照片均已存档", "every cited paper and photo is on record"),
    }
)
