"""What checks find and what a refused step lacks, in Chinese and English; weighs nothing.

Codes with a suffix behind a colon (`neighbour_attendance:469021.photo`) are worded by what stands before it; unit
and part stand beside the words.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from layers.markers.legend import Wording

W = Wording

FINDING: Final[Mapping[str, Wording]] = MappingProxyType(
    {
        "marker.off_line": W("界桩偏离界线超过限差", "marker off its line beyond the tolerance"),
        "marker.line_unknown": W("界线代码不在册", "line not in the register"),
        "marker.number_invalid": W("编号不符合编号规则", "number not written by its scheme"),
        "marker.number_units_order": W("编号中行政区代码未按升序", "unit codes of the number not ascending"),
        "marker.number_written_otherwise": W("编号书写不规范", "number written otherwise than engraved"),
        "marker.number_repeated": W("编号重复", "number repeated"),
        "marker.letter_against_set": W("类型码与设立形式不符", "type letter against the kind of set"),
        "marker.letter_order": W("类型码与行政区代码顺序不符", "type letter against the order of the units"),
        "marker.set_incomplete": W("同号界桩数量不符", "set has not the posts it should have"),
        "marker.set_mixed": W("同号界桩设立形式不一", "posts of one set differ in kind"),
        "marker.serial_gap": W("序号不连续", "serials missing"),
        "marker.serial_direction": W(
            "序号走向不符（应自西向东或自北向南）", "serials run against west-east or north-south"
        ),
        "marker.serial_out_of_order": W("序号与界线走向次序不符", "serial out of order along the line"),
        "marker.count_differs": W("界桩颗数与登记不符", "count differs from the documents"),
        "marker.reference_objects_few": W("方位物少于三个", "fewer than three reference objects"),
        "marker.reference_object_distance": W(
            "方位物距离与坐标不符", "distance of a reference object against coordinates"
        ),
        "marker.reference_object_azimuth": W(
            "方位物方位角与坐标不符", "azimuth of a reference object against coordinates"
        ),
        "marker.legacy_datum": W(
            "旧坐标系，无批准的转换参数", "legacy datum without an approved transformation"
        ),
        "marker.original_differs": W(
            "原始坐标与法定位置不符", "original coordinates elsewhere than the legal position"
        ),
        "marker.description_differs": W(
            "位置描述与登记项不符", "signed description differs from the register"
        ),
        "inspection.marker_retired": W("界桩已报废", "the marker has been retired"),
        "inspection.condition_contradicted": W(
            "总体状况与部件状况矛盾", "condition contradicted by a component"
        ),
        "inspection.component_not_seen": W("有部件未查看", "a component was not looked at"),
        "inspection.photo_missing": W("缺少规定照片", "a photo of the checklist is missing"),
        "inspection.fix_missing": W("缺少定位", "no usable fix"),
        "inspection.fix_too_rough": W("定位精度低于规定", "fix rougher than the policy allows"),
        "inspection.fix_mocked": W("模拟定位", "mock location"),
        "inspection.far_from_marker": W("采集位置远离界桩", "recorded far from the marker"),
        "inspection.received_before_capture": W("采集时间晚于接收时间", "captured after it was received"),
        "inspection.changed": W("与上次检查不同", "changed since the last inspection"),
        "clock.patrol_overdue": W("巡检逾期", "patrol overdue"),
        "clock.patrol_due_soon": W("巡检即将到期", "patrol due soon"),
        "clock.joint_overdue": W("联检逾期", "joint inspection overdue"),
        "clock.joint_due_soon": W("联检即将到期", "joint inspection due soon"),
        "clock.report_late": W("未在规定时限内报告", "reported after the deadline"),
        "clock.report_overdue": W("报告逾期", "report overdue"),
        "sensor.alarm": W("设备报警", "sensor alarm"),
        "sensor.tilted": W("桩体倾斜", "post tilted"),
        "sensor.drifted": W("设备测得漂移", "drift measured by the device"),
        "sensor.displaced": W("设备定位偏离法定位置", "device's position away from the legal one"),
        "sensor.struck": W("受到撞击", "struck"),
        "sensor.opened": W("设备箱被打开", "enclosure opened"),
        "sensor.removed": W("疑似被移除", "taken for removed"),
        "sensor.moved": W("疑似被移动", "taken for moved"),
        "sensor.defaced": W("疑似被涂污", "taken for defaced"),
        "sensor.blocked": W("被遮挡", "blocked from view"),
        "sensor.damaged": W("疑似损坏", "taken for damaged"),
        "sensor.re_measure": W("设备定位偏差，须复测", "position of the device off, to be measured again"),
        "sensor.low_battery": W("电量低", "battery low"),
        "sensor.power_lost": W("外接电源中断", "external power lost"),
        "sensor.clock_wrong": W("设备时钟有误", "clock of the device wrong"),
        "sensor.silent": W("设备无消息", "device silent"),
        "sensor.unmatched": W("设备未登记到界桩", "device on no marker's form"),
        "joint.line_not_planned": W("界线未列入计划", "line not planned"),
        "joint.line_planned_twice": W("界线重复列入计划", "line planned twice"),
        "joint.lead_not_swapped": W("牵头方未轮换", "lead not swapped"),
        "joint.lead_is_no_side": W("牵头方不是毗邻方", "lead is no side of the line"),
        "joint.side_left_out": W("遗漏毗邻方", "a side left out"),
        "joint.after_due": W("晚于应检日期", "after the due day"),
        "joint.consent_missing": W("提前或推迟联检未经同意", "early or late without consent"),
        "joint.document_missing": W("缺少文件", "document missing"),
        "joint.signature_missing": W("缺少签字", "signature missing"),
        "joint.signature_of_stranger": W("非毗邻方签字", "signature of a unit that is no side"),
        "joint.record_missing": W("缺少一方记录", "a side's record missing"),
        "joint.item_unanswered": W("检查项未填写", "items not answered"),
        "joint.sides_disagree": W("各方记录不一致", "the sides disagree"),
        "joint.opinion_missing": W("缺少共同处理意见", "joint opinion missing"),
        "joint.order_incomplete": W("整改任务未明确责任方或期限", "work order without side or deadline"),
        "joint.indoor_minutes_missing": W("缺少内业比对记录", "minutes of the indoor comparison missing"),
        "joint.tasks_missing": W("缺少外业任务清单", "outdoor task list missing"),
        "joint.filing_number_missing": W("缺少备案文号", "filing number missing"),
        "joint.filing_date_missing": W("缺少备案日期", "filing date missing"),
        "joint.archive_set_missing": W("缺少归档", "archive set missing"),
    }
)
REFUSAL: Final[Mapping[str, Wording]] = MappingProxyType(
    {
        "marker.case_step_refused": W("此步骤不能办理", "this step cannot be taken"),
        "marker.not_found": W("没有这个界桩", "no such marker"),
        "marker.profile_invalid": W("配色方案不可用", "colour profile cannot be used"),
        "marker.profile_not_found": W("没有这个配色方案", "no such colour profile"),
        "marker.declination_missing": W("缺少磁偏角", "magnetic declination missing"),
        "joint.not_found": W("没有这次联检", "no such joint inspection"),
        "joint.step_refused": W("联检尚未具备条件", "the joint inspection is not ready for this"),
    }
)
MISSING: Final[Mapping[str, Wording]] = MappingProxyType(
    {
        "stage": W("当前阶段不能办理此事项", "not possible at this stage"),
        "capacity": W("办理人身份不符", "may not be done in this capacity"),
        "event_of_this_case": W("事件不属于本案件", "event of another case"),
        "new_event_id": W("事件编号已使用", "event id already used"),
        "description": W("异常情况描述", "description"),
        "verification": W("核实情况", "how it was verified"),
        "reason": W("理由", "reason"),
        "managing_side": W("确定分工管理方", "managing side determined"),
        "managing_side_as_on_record": W("与已确定的分工管理方一致", "managing side as on record"),
        "actor_of_managing_side": W("须由分工管理方办理", "to be done by the managing side"),
        "case_accepted": W("案件已受理或灭失已确认", "case accepted or loss confirmed"),
        "neighbour_notified": W("已通知毗邻方", "neighbour notified"),
        "agreed_date": W("商定日期", "agreed date"),
        "neighbour_attendance": W(
            "毗邻方到场（姓名、单位、签字、照片）", "neighbour present (name, unit, signature, photo)"
        ),
        "actor_of_neighbour": W("须由毗邻方人员办理", "to be done by an officer of the neighbouring side"),
        "photo": W("现场照片（须已上传）", "photo of the site, on record"),
        "paper_on_record": W("所引用的文件或照片未存档", "cited paper or photo on record"),
        "acceptance_by_another_person": W(
            "验收人不得为记录施工的人", "acceptance by another person than the one who recorded the work"
        ),
        "acceptance_by_neighbour": W(
            "须由毗邻方人员验收（一方不得自行验收）", "acceptance by an officer of the neighbouring side"
        ),
        "new_survey": W("重新测定", "new survey"),
        "offset_m": W("与法定位置的偏差", "offset to the legal point"),
        "offset_within_limit": W("偏差在限差内", "offset within the limit"),
        "new_position": W("新位置及精度", "new position with accuracy"),
        "application": W("申请书", "application"),
        "joint_survey": W("共同测定", "joint survey"),
        "archive_supplement": W("补充档案", "archive supplement"),
        "consent": W("毗邻各方政府同意", "consent of every adjoining government"),
        "signature": W("各方签字", "signature of each side"),
        "joint_opinion": W("共同处理意见", "joint opinion"),
        "condition": W("灭失情况（丢失或毁坏）", "kind of loss (missing or destroyed)"),
        "evidence": W("证据", "evidence"),
        "evidence_on_record": W("证据须为已存档的照片或文件", "evidence as a photo or document on record"),
        "search_effort": W("寻找经过", "effort made to find it"),
        "second_person": W("第二人确认", "second person"),
        "second_person_signature": W(
            "第二人签字件（已存档），或由其本人登录证明",
            "the second person's signed statement on record, or his own under his sign-in",
        ),
        "second_person_not_reporter": W("确认人不得为报告人", "second person other than the reporter"),
        "officer_not_reporter": W("办理人不得为报告人", "officer other than the reporter"),
        "no_confirmed_loss": W("须先撤销灭失确认", "confirmation of loss revoked first"),
        "decision": W("批准文件", "decision"),
        "consent_document": W("上级同意文件", "consent document"),
        "filing_number": W("备案文号", "filing number"),
        "filed_on": W("备案日期", "filing date"),
        "filed_on_not_in_future": W("备案日期不得晚于办理日期", "filing date not in the future"),
        "filed_on_not_before_approval": W("备案日期不得早于批准日期", "filing date not before the approval"),
        "points_at": W("指明有误的步骤", "the wrong step pointed at"),
        "points_at_standing_step": W("所指步骤须仍有效", "a step that still stands"),
        "records": W("更正内容", "corrected records"),
        "later_step_without_it": W("后续步骤以此为依据", "a later step rests on it"),
    }
)


def worded(code: str) -> Wording | None:
    """Return the words of a finding, a refusal or a missing record, without its suffix; None for a foreign code."""
    bare = code.split(":", 1)[0]
    return FINDING.get(bare) or REFUSAL.get(bare) or MISSING.get(bare)
