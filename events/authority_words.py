"""Words for authorities: each list or pattern is named for what it tells, and no other room has one."""

from __future__ import annotations

ACTING_OFFICE = (
    "(?:市场监督管理(?:总局|局|所)|市场监管(?:总局|局|所|部门)?|市监(?:总局|局|所|部门)|监管(?:总局|局|部门)"
    "|工商局|税务(?:总局|局|部门|机关)|稽查局|公安(?:部|局|机关|分局)?|警方|派出所|网信(?:办|部门)|法院|检察(?:院|机关)"
    "|(?:中|消)?消(?:协|委会?|保委)|消费者(?:权益保护)?(?:协会|委员会)|药监(?:总局|局|部门)|广电总局|工信部|商务部"
    "|海关|邮政管理局|农业农村(?:部|局)|文旅局|(?:联合)?调查组|专案组|官方(?=通报)|执法(?:人员|部门|大队)|(?:3[·.]?15)晚会)"
)
"""Pattern of an office whose act makes an alarm severe; courts, customs and the 3·15 evening too."""
MAY_ACT = (
    "官方通报", "专案组", "调查组", "执法", "市监", "市场监管", "市场监督管理", "监管局", "监管总局",
    "监管部门", "工商局", "税务", "稽查局", "公安", "警方", "派出所", "网信", "法院", "检察", "消协",
    "消保委", "消委", "消费者协会", "消费者权益保护", "药监", "广电总局", "工信部", "商务部", "海关",
    "邮政管理局", "农业农村", "文旅局", "晚会",
)  # fmt: skip
"""One of these stands in a text in which an authority acts."""
