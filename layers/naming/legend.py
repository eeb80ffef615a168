"""Every word the naming layer shows, in Chinese and English; decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Wording:
    """A code in words: label and, where it needs one, definition, in both languages."""

    zh: str
    en: str
    zh_definition: str = ""
    en_definition: str = ""

    def label(self, language: Language) -> str:
        """Return the label in a language."""
        return self.zh if language == "zh" else self.en


W = Wording

RULES: Final[Mapping[str, Wording]] = MappingProxyType(
    {
        "DUP-01": W("范围内重名", "the same name stands in this scope"),
        "DUP-02": W("范围内同音（含声调）", "sounds the same, tones included"),
        "DUP-03": W("不计声调同音", "sounds the same but for the tones"),
        "DUP-04": W(
            "专名相同、通名不同，且非派生地名", "same specific, other generic, not declared as derived"
        ),
        "DUP-05": W("仅以城市名、“新”“大”相区别", "differs only by the city, 新 or 大"),
        "DUP-06": W("近音", "sounds nearly the same"),
        "DUP-07": W("字形相近", "one character is easily taken for another"),
        "DUP-08": W("字同音异，仍为重名", "same characters with another reading are a duplicate"),
        "DUP-09": W(
            "按道路等级扩大的范围内重名，或缺道路等级",
            "repeats within the scope of its class, or no class given",
        ),
        "DUP-10": W("邻近其他管理范围有相同专名", "same specific nearby under another authority"),
        "GEO-01": W("与已命名道路重叠", "runs on a road that has another name"),
        "GEO-02": W(
            "连续道路宜用一名，过长或跨等级须说明理由",
            "a continuous road has one name; long ones need a reason",
        ),
        "STR-01": W("未以规定的通名结尾", "does not end in a generic of the list"),
        "STR-02": W("只有通名，或通名重叠", "bare generic, or one generic on another"),
        "STR-03": W("以单纯序数作专名", "the specific is a bare number"),
        "STR-04": W("序列不连续、超过上限或次序不符", "series broken, too long or out of order"),
        "STR-05": W("字数不符（三至六字）", "not three to six characters"),
        "STR-06": W("派生地名无主名，或与主名道路不相接", "derived name without a parent that it adjoins"),
        "CHR-01": W("含《通用规范汉字表》以外的字符", "characters outside the national table"),
        "CHR-02": W("含生僻字", "rare character"),
        "CHR-03": W("多音字读音未确认", "reading of a polyphone not confirmed"),
        "GEN-01": W("通名与宽度、长度不符", "generic does not fit width and length"),
        "GEN-02": W("通名与走向不符", "generic does not fit the direction"),
        "GEN-03": W("使用“大道”“大街”须说明理由", "大道 and 大街 need a reason"),
        "PER-01": W("党和国家领导人姓名", "name of a leader of party or state"),
        "PER-02": W("人名，须说明与其人无特定联系", "name of a person; say that there is no specific link"),
        "FOR-01": W("外国人名、地名或其音译", "foreign person, place or transliteration"),
        "COM-01": W("企业名称或商标", "enterprise or trademark"),
        "LEX-01": W("不得使用的词语", "refused word"),
        "ADM-01": W("域外政区名称", "division that does not hold the road"),
        "HIS-01": W("更改保护名录地名未附保护措施", "protected name renamed without measures attached"),
        "HIS-02": W("更名缺少法定理由", "rename without a reason the law knows"),
        "HIS-03": W("附近有未使用的历史地名，可供选用", "an unused historic name lies near"),
        "PLN-01": W("不在地名方案内或与之不符", "not in the approved name plan, or differs from it"),
        "PIN-01": W("拼写与规则不符", "spelling differs from the rules"),
        "DOC-01": W("申请材料或报告不全", "application items or reports missing"),
    }
)
SEVERITIES: Final[Mapping[str, Wording]] = MappingProxyType(
    {"block": W("禁止", "block"), "warn": W("警告", "warn"), "hint": W("提示", "hint")}
)
STATES: Final[Mapping[str, Wording]] = MappingProxyType(
    {
        "draft": W("草稿", "draft"),
        "precheck": W("预审", "precheck"),
        "reserved": W("已预留", "reserved"),
        "submitted": W("已申请", "submitted"),
        "accepted": W("已受理", "accepted"),
        "returned": W("退回补正", "returned"),
        "dept_consult": W("征求部门意见", "departments consulted"),
        "expert_review": W("专家论证", "expert review"),
        "public_comment": W("公开征求意见", "public comment"),
        "risk_assessment": W("综合评估", "assessment"),
        "committee": W("地名委员会审议", "committee"),
        "government_decision": W("报政府批准", "government decision"),
        "approved": W("已批准", "approved"),
        "rejected": W("不予批准", "rejected"),
        "deferred": W("暂缓", "deferred"),
        "filed": W("已备案", "filed"),
        "announced": W("已公告", "announced"),
        "in_database": W("已入库", "in the database"),
        "signed": W("已设标", "signed"),
        "in_force": W("使用中", "in force"),
        "renamed": W("已更名", "renamed"),
        "retired": W("已销名", "retired"),
        "historic": W("历史地名", "historic"),
        "withdrawn": W("已撤回", "withdrawn"),
        "reservation_expired": W("预留到期", "reservation expired"),
        "objection": W("异议处理", "objection"),
    }
)
EVENTS: Final[Mapping[str, Wording]] = MappingProxyType(
    {
        "check": W("预审", "check"),
        "reserve": W("预留", "reserve"),
        "expire": W("预留到期", "let the reservation expire"),
        "submit": W("提交申请", "submit"),
        "accept": W("受理", "accept"),
        "return": W("退回补正", "return for supplements"),
        "consult_departments": W("征求部门意见", "consult departments"),
        "call_experts": W("组织专家论证", "call experts"),
        "open_comment": W("公开征求意见", "open public comment"),
        "object": W("登记异议", "record an objection"),
        "settle_objection": W("处理异议", "settle the objection"),
        "assess": W("综合评估", "assess"),
        "put_on_agenda": W("列入议程", "put on the agenda"),
        "amend": W("修改名称", "amend the name"),
        "defer": W("暂缓", "defer"),
        "recommend": W("审议通过，报请批准", "recommend to the government"),
        "reject": W("不予批准", "reject"),
        "approve": W("登记批复", "record the approval"),
        "file": W("备案", "file"),
        "announce": W("公告", "announce"),
        "enter_in_database": W("录入地名信息库", "enter in the database"),
        "set_sign": W("设置标志", "set the sign"),
        "put_in_force": W("启用", "put in force"),
        "rename": W("更名", "rename"),
        "retire": W("销名", "retire"),
        "make_historic": W("列为历史地名", "make historic"),
        "withdraw": W("撤回", "withdraw"),
    }
)
RECORDS: Final[Mapping[str, Wording]] = MappingProxyType(
    {
        "scheme_and_reasons": W("命名方案及理由", "scheme and reasons"),
        "position_scale_nature": W("位置、规模、性质", "position, scale, nature"),
        "location_map": W("标明起止点的位置图", "map with start and end"),
        "meaning_and_origin": W("含义与来历", "meaning and origin"),
        "assessment_report": W("综合评估报告", "assessment report"),
        "expert_report": W("专家论证报告", "expert report"),
        "consultation_report": W("征求意见报告", "consultation report"),
        "supplement_list": W("补正清单", "list of supplements"),
        "department_opinions": W("部门意见", "opinions of departments"),
        "public_notice": W("征求意见公示", "public notice"),
        "objection": W("异议书", "objection"),
        "objection_disposition": W("异议处理意见", "disposition of the objection"),
        "amendment": W("修改意见", "amendment"),
        "minutes": W("会议纪要", "minutes"),
        "reasons": W("不予批准理由", "reasons for the rejection"),
        "approval_document": W("批复文件", "approval document"),
        "filing_form": W("备案登记表", "filing form"),
        "filing_report": W("备案报告", "filing report"),
        "application_form": W("申请书", "application"),
        "standard_name": W("标准名称", "standard name"),
        "roman_spelling": W("罗马字母拼写", "romanised spelling"),
        "division": W("所属政区", "division"),
        "position": W("位置描述", "position"),
        "approving_authority": W("批准机关", "approving authority"),
        "approved_on": W("批准时间", "date of approval"),
        "database_entry": W("地名信息库录入号", "entry in the national database"),
        "sign_photo": W("标志照片", "photo of the sign"),
        "protection_measures": W("保护措施", "protection measures"),
    }
)
CLOCKS: Final[Mapping[str, Wording]] = MappingProxyType(
    {
        "hold": W("预留期", "hold"),
        "hold_in_all": W("预留总期限", "hold in all"),
        "acceptance": W("受理期限", "acceptance"),
        "case": W("办理期限", "whole case"),
        "public_comment": W("征求意见期", "public comment"),
        "filing": W("备案期限", "filing"),
        "announcement": W("公告期限", "announcement"),
    }
)
KINDS: Final[Mapping[str, Wording]] = MappingProxyType(
    {
        "street": W("街路巷", "road, street or lane"),
        "bridge": W("桥梁", "bridge"),
        "square": W("广场", "square"),
        "village": W("自然村、集镇", "village or town"),
        "community": W("社区、村委会", "community"),
        "division": W("行政区域", "division"),
        "natural": W("自然地理实体", "natural feature"),
        "building": W("住宅区、建筑物", "estate or building"),
    }
)
SIGN_COLOURS: Final[Mapping[str, Wording]] = MappingProxyType(
    {
        "blue": W("蓝底白字（东西走向）", "blue, east-west"),
        "green": W("绿底白字（南北走向）", "green, north-south"),
    }
)
VOTES: Final[Mapping[str, Wording]] = MappingProxyType(
    {
        "for": W("同意", "for"),
        "against": W("不同意", "against"),
        "abstain": W("弃权", "abstain"),
        "defer": W("暂缓", "defer"),
    }
)
