/**
 * What each act on a case has to bring, as fields of a form: the keys that the service names when something is missing,
 * and in what shape they are given. It decides nothing: whether a step may be taken is the service's answer.
 */

/**
 * `text`, `day`, `number`, `unit` (one of the units here), `loss` (kind of loss), `position`, `photo` (a picture of a
 * site or of a signed sheet, sent to the office and cited by its hash), `step` (an earlier step of the case); or one entry with these parts for each neighbour, or for each side.
 * @typedef {"text" | "day" | "number" | "unit" | "loss" | "position" | "photo" | "step"} Shape
 * @typedef {{key: string, shape: Shape | "of_each", of?: "neighbours" | "sides", parts?: Record<string, "text" | "day" | "photo">}} RecordField
 */

/** @type {(key: string) => RecordField} */
const text = (key) => ({ key, shape: "text" });
/** @type {(key: string) => RecordField} */
const photo = (key) => ({ key, shape: "photo" });
/** @type {RecordField} */
const REASON = text("reason");
/** @type {RecordField} */
const SIDE = { key: "managing_side", shape: "unit" };
/** @type {RecordField[]} */
const PLAN = [
  SIDE,
  { key: "neighbour_notified", shape: "of_each", of: "neighbours", parts: { on: "day" } },
  { key: "agreed_date", shape: "day" },
];
/** @type {RecordField} */
const ATTENDANCE = {
  key: "neighbour_attendance",
  shape: "of_each",
  of: "neighbours",
  parts: { name: "text", signature: "photo", photo: "photo" },
};
/** @type {RecordField} */
const CONSENTS = { key: "consents", shape: "of_each", of: "sides", parts: { document: "photo" } };
/** @type {RecordField[]} */
const APPLICATION = [text("application"), text("joint_survey"), text("archive_supplement"), CONSENTS];
/** @type {RecordField[]} */
const NEW_POINT = [text("new_survey"), { key: "new_position", shape: "position" }, ATTENDANCE];

/** @type {Record<string, RecordField[]>} */
export const RECORDS = {
  "report.abnormal": [text("description")],
  "joint.fail": [text("joint_opinion")],
  "case.verify": [text("verification")],
  "case.dismiss": [REASON],
  "loss.attest": [text("search_effort")],
  "case.confirm_lost": [
    { key: "condition", shape: "loss" },
    photo("evidence"),
    text("search_effort"),
    text("second_person"),
    photo("second_person_signature"),
  ],
  "case.accept": [SIDE],
  "restore.plan": PLAN,
  "attendance.confirm": [photo("photo")],
  "restore.done": [text("new_survey"), { key: "offset_m", shape: "number" }, ATTENDANCE],
  "move.apply": APPLICATION,
  "move.plan": PLAN,
  "move.done": NEW_POINT,
  "add.apply": APPLICATION,
  "add.plan": PLAN,
  "add.done": NEW_POINT,
  "acceptance.pass": [{ key: "signatures", shape: "of_each", of: "sides", parts: { person: "text", signature: "photo" } }],
  "acceptance.fail": [text("joint_opinion")],
  "retire.apply": [text("application"), CONSENTS],
  approve: [text("decision")],
  retire: [text("consent_document")],
  "approve.refuse": [REASON],
  file: [text("filing_number"), { key: "filed_on", shape: "day" }],
  revoke: [{ key: "points_at", shape: "step" }, REASON],
};

/** Under which key the service says that a field is missing, where it is not the field's own. @type {Record<string, string>} */
export const MISSING_AS = { consents: "consent", signatures: "signature" };

/** Events with which a case begins. */
export const OPENING = ["report.abnormal", "joint.fail", "move.apply", "add.apply", "retire.apply"];

/** Stages that a case of a kind passes, in order. @type {Record<string, string[]>} */
export const STAGES = {
  report: ["reported", "verified", "accepted", "repairing", "awaiting_joint_acceptance", "awaiting_approval", "awaiting_filing", "closed"],
  work: ["accepted", "repairing", "awaiting_joint_acceptance", "awaiting_approval", "awaiting_filing", "closed"],
  retire: ["accepted", "awaiting_approval", "awaiting_filing", "closed"],
};

/** @param {string} kind of a case */
export function stagesOf(kind) {
  if (kind === "retire") return STAGES.retire;
  return kind === "move" || kind === "add" ? STAGES.work : STAGES.report;
}
