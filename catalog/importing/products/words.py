"""Patterns for names of products: their endings, the words that introduce them, and phrases that are no names.

All patterns are for simplified, half-width text without the blanks of justification.
"""

import re

# Endings of names, by how reliably they mark a product.
SURE = (
    r"贷(?:\d\.\d)?|ABN|ABS|APP|小程序|公众号|手机银行|电话银行|支持票据|标准化票据|融资券|融资工具|固息债券|主题债|慈善信托|信托计划|金信托|票据信托"
    r"|质押贷款|专项贷款|驿站|联盟|讲堂|大脑|[率惠]券"
)
LIKELY = (
    r"平台|系统|计划|基金|信托|票据|债券|行动|模型|功能|专线|专区|通道|专项资金|转贷|\d条|管家|入口|顾问|保理|贴现|机器人|品牌|港湾|工具"
    r"|商城|直通车|[^刷银行办对信打用记蓄保房名电磁贺立开领持换补发将]卡"
)
SOFT = r"体系|机制|模式|方案|服务|中心|措施|贷款"
SURE_ENDING = re.compile(rf"(?:{SURE})$", re.IGNORECASE)
LIKELY_ENDING = re.compile(rf"(?:{LIKELY})$")
SOFT_ENDING = re.compile(rf"(?:{SOFT})$")
# Only in quotation marks: 校付通, 享乐租.
BRAND_ENDING = re.compile(
    r"^.{1,5}(?:[^流沟交融疏打]通|宝|荟|[汇付贴盾租融券]|[易松e]转|[易松]还|快线|(?<=[\u4e00-\u9fff])[a-zA-Z])$"
)
# An ending with only everyday words before it is no name: 金融服务, 微信小程序.
PLAIN = re.compile(
    r"^(?:(?:微信|小程序|官方|个人|线上|在线|服务|企业|移动|相关|综合|金融|信用|普通|专业|专项|小额|智能|特色|创新|科创|科技|资产|[^化]{0,2}化)*"
    rf"(?:服务|业务|产品|融资)?(?:{LIKELY}|{SURE}|{SOFT})|.?(?:保理|贴现|转贷)|.{{0,2}}(?:平台|系统|计划|基金|信托|票据|债券|行动|模型|功能|工具|品牌|{SOFT}))$",
    re.IGNORECASE,
)
# 信贷, 不断贷, 敢贷 …: activities, not products.
NOT_A_LOAN = re.compile(
    r"(?:信|放|借|首|续|抽|断|压|惜|存|审|办|还|申|骗|敢|愿|会|能|拒|批|有|无|即|不|怕|盼|难|慎|限|涉|授|总|见|定|可)贷$|^.贷$"
)
VERBS = (
    r"推出|上线|发行|研发|首创|创设|命名为|名为|推行|开发|搭建|创新|启动|成立|设立|打造|设计|建立|构建|发布|落地|建成|创建|开展|推广|引入|"
    r"新增|申领|利用|运用|使用|依托|通过|借助|办理|申请|发放|提供|匹配|推进|实现|用好|降低|采用|应用|投放|整合|嵌入|登录|针对|凭借|发挥"
)
# Verbs whose object is something new, and nouns that are followed by its name.
INTRODUCES = (
    r"推出|上线|发行|研发|首创|创设|命名为|名为|推行|开发|搭建|启动|成立|设立|打造|创新|设计|发布|创建|建成|产品|品牌"
)
INTRODUCED = re.compile(
    rf"(?:(?:{INTRODUCES})(?:了|出|的)?(?:\d[\d.]*[亿万]?元)?|[首第][一]?[单笔只支个款批家张]|特色|专属|拳头|新版)[：:—\-]*[“「《‘]?$"
)
ANNOUNCED = re.compile(rf"(?:{INTRODUCES}|首[单笔只支个款批])[^,。;:!?]{{0,24}}$")
USED = re.compile(rf"(?:{VERBS}|以)(?:了|过|[^,。;:!?、]{{1,8}}的)?[“「《]?$")
# Nouns after a name that say what kind of thing it is.
TYPED = re.compile(
    r"^[”」》]?(?:等[\u4e00-\u9fff]{0,6}?"
    r"|(?:系列|专属|特色|创新|专项|线上|个人|信用|融资|抗疫|授信|定制化|场景化|直播|智能|微信|电商|灵活|主题){0,3})"
    r"(?:产品|贷款|品牌|平台|系统|体系|服务|项目|方案|功能|业务|小程序|APP|公众号|驿站|机器人|专区|信托|票据|通道|机制|系列|联盟|贴现|额度"
    r"|利率|存量客户)"
)
HONOUR = re.compile(r"(?:荣获|获评|获得|授予|评为|荣膺|入选|被评|斩获|颁发|称号|奖项|评选|列入)[^,。;]{0,24}$")
HONOUR_AFTER = re.compile(r"^[”」》]?(?:等)?[^,。;“”]{0,6}(?:称号|奖|荣誉|殊荣)")
ABBREVIATES = re.compile(r"(?:以下)?[简下]称[:]?[“「《]?$")
# Documents, meetings, institutions, abstractions, figures of speech, idioms, and platforms of other companies.
NOT_A_NAME = re.compile(
    r"(?:通知|意见|办法|规划|纲要|指引|条例|手册|名单|清单|名录|问卷|报告|日报|特区报|规定|细则|公告|决定|协议|函|书|白皮书"
    r"|仪式|论坛|大会|峰会|会议|讲座|沙龙|大赛|比赛|日|周|月|博览会|发布会|座谈会|培训|工程|活动|专班|小组|先锋队|突击队|奖"
    r"|公司|集团|医院|学校|学院|大学|政府|委员会|监管局|管理局|协会|基金会|银行|分行|支行|法院|街道|社区|园区|研究院"
    r"|工作|任务|理念|精神|原则|战略|政策|问题|难题|优势|特点|需求|现象|企业|行业|客户|用户|发展|建设|管理|金融|经济|社会|普惠|还款"
    r"|难|贵|慢|活水|力量|使命|责任|初心|目标|要求|标准|效应|作用|时代|阶段|循环|格局|键|化|性|关|区|病|者|人|(?<!中)心|雨|度|质量|成效|效率|样板|标杆|名片|生态圈|最后一公里)(?<!专区)(?<!机器人)(?<!手机银行)(?<!电话银行)$"
    r"|^关于|^信用卡中心$|绿色通道$|政策|虚假|假冒|非法|诈骗"
    r"|^(?:学习强国|抖音|快手|支付宝|微信支付|淘宝|天猫|京东|钉钉|拼多多)"
)
SAYING = re.compile(
    r"[,。!?;、:]|\+.*\+|^(?:探索|建立|加强|推进|坚持|落实|支持|助力|做好|打造|提升|强化|深化|构建|防范|谨防|切实|积极|贯彻)"
)
NUMBERS_ONLY = re.compile(r"(?=.*[\d+])[\d+\-NXY.a-zA-Z%年户亿家]+")
PARTNER = re.compile(r"(?:人行|人民银行|政府|市|区|局|微信|支付宝|银联|总局|国家|中央|深圳市?)[“「]?$")
QUOTED = re.compile(r"“([^“”]{2,60})”|「([^「」]{2,60})」|《([^《》]{2,60})》|\"([^\"]{2,60})\"|‘([^‘’]{2,30})’")
# The part of a name after the closing quotation mark: “工享”驿站.
REST_OF_NAME = re.compile(r"[”」](?:系列|智能|专属)*(?:驿站|服务体系|服务|平台|体系|系统|计划|机制|品牌|联盟)")
BETWEEN_LISTED = re.compile(r"[”」》]?[、和及与]?[“「《]?")
# API Bank, FISCO BCOS, StarCard
LATIN_NAME = re.compile(
    r"(?<![A-Za-z])(?:(?:[A-Z][a-z]+[A-Z]?[A-Za-z]*|[A-Z]{2,})(?: (?:[A-Z][a-z]+|[A-Z]{3,}))+"
    r"|[A-Z][a-z]+[A-Z][A-Za-z]+|[A-Z]{3,}[a-z]{2,})"
)
UNQUOTED_END = re.compile(rf"(?:{SURE}|{LIKELY}|{SOFT})$")
CLAUSE_BREAK = re.compile(r"[,。;:!?、“”「」《》()\"‘’—\n]")
# A name without quotation marks begins after one of these words or a verb.
_BEFORE_NAMES = """
的 了 以 将 为 和 与 及 或 等 在 向 对 从 由 用 是 其 该 该行 我行 本行 总行 分行 人行
银行 公司 有限公司 首单 首笔 首只 首个 首支 首款 首批 一款 一项 一单 一个 专属 特色 拳头 产品
亿元 万元 元 亿 万 美元 自主 新 最新 线上化 并 还 也 更 再 就 把 被 让 使 给 到 于 所
这 此 各 每 等等 以及 并且 同时 积极 大力 持续 进一步 不断 全面 深入 充分 有效 成功 快速
迅速 紧急 率先 联合 合作 创新型 多种 多项 各类 相关 有关 主要 全国 全省 全市 国内 深圳市 系列
受托 专享 主动 拥有 具有 包括 包含 涵盖 如 例如 比如 属于 作为 成为 即 既 又 完善 优化 加强
提升 目前 另外 强化 健全 形成 支持 助力 帮助 面向 根据 按照 基于 结合 围绕 面对 受 经 凡
非常 十分 同意 接受 标志着 促进 推动 开通 接入 对接 自身 联动 扩大 加快 改进 升级 迭代 改造
丰富 增加 减少 压缩 缩短 打通 统一 完成 做好 做到 加大 制定 出台 印发 下发 发文 这一 购买
投资 承销 参与 出资 提交 建设 签署 签约 签订 获 获得 取得 落实 履行 坚持 确保 保障 个性化
定制化 差异化 项目 名称 首家 行 研 上 本 本期 单 下 下载
"""
BOUNDARY = frozenset([*VERBS.split("|"), *_BEFORE_NAMES.split()])
# All blanks but one between two Latin words.
JUSTIFYING = re.compile(r"(?<![A-Za-z])\s+|\s+(?![A-Za-z])|(?<=[A-Za-z]\s)\s+")
# Words to strip from the beginning of a name where the segmentation into words was wrong.
LEADING = re.compile(rf"(?:.*(?:[首本多一两][单笔只支个款批]|{VERBS})|[此其])?")
AFTER_LOANS = tuple("前后中款时联")  # 贷前, 贷后, 投贷联动 …: ways and stages of lending
LONGEST_NAME = 15
LONGEST_SECURITY = 30  # 某某2020年度第一期标准化票据
SECURITY = re.compile(r"(?:票据|信托|信托计划|ABN|ABS|债|券|债券|工具)$")
PARTS_OF_TITLE = re.compile(r"(?<=[\u4e00-\u9fff”])\s+(?=[\u4e00-\u9fff“])")
NUMBER = re.compile(r"[\d.,]+[亿万]?|[一二三四五六七八九十两几]+|第[一二三四五六七八九十]+")
UNIT = re.compile(r"[亿万千百]*(?:美?元|[个只单笔款项家次批期名倍])")
