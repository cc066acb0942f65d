//! The command line: a contract that scripts and other people's tools rely on.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;
use xiangyue_web::Network;

/// 乡约: 一个县的乡村治理平台。
#[derive(Parser)]
#[command(name = "xiangyue", version, about)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Where the data are.
#[derive(Args, Clone, Debug)]
pub struct Data {
    /// 数据文件夹
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// PostgreSQL 地址,代替文件夹里的数据库
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
}

/// Commands.
#[derive(Subcommand)]
pub enum Command {
    /// 演示:文件夹为空时先模拟一个县,再打开网页
    Demo {
        /// 策略包
        #[arg(long)]
        pack: Option<String>,
        /// 数据文件夹
        #[arg(long, default_value = "data/demo")]
        data: PathBuf,
        /// 地址
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// 模拟到哪一天
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
        /// 随机种子
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// 运行服务
    Serve {
        #[command(flatten)]
        data: Data,
        /// 策略包;不写则用数据里正在用的
        #[arg(long)]
        pack: Option<String>,
        /// 地址
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// 村民打开的网址,印在二维码里,如 https://xy.example.gov.cn
        #[arg(long, default_value = "")]
        base_url: String,
        /// 前面的反向代理(地址或网段,可写多个):只信它们在 X-Forwarded-For 里报的来访地址;不写则谁都不信
        #[arg(long, value_name = "ADDR[/LEN]", value_delimiter = ',')]
        trusted_proxy: Vec<Network>,
        /// 同时办多少个请求,再多的立即回 503,请对方过几秒再来;不写则 256
        #[arg(long, value_name = "N", default_value_t = 0)]
        at_once: usize,
        /// 发短信的程序:每条短信运行一次,从标准输入读一行 JSON(id、to、text),办好了以 0 退出;不写就不提供手机订阅
        #[arg(long, value_name = "FILE")]
        text_program: Option<PathBuf>,
    },
    /// 策略包
    #[command(subcommand)]
    Pack(PackCommand),
    /// 模拟一段时间的工作
    Simulate {
        /// 策略包
        #[arg(long)]
        pack: Option<String>,
        #[command(flatten)]
        data: Data,
        /// 第一天
        #[arg(long, value_name = "DATE")]
        from: Option<String>,
        /// 最后一天
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
        /// 随机种子
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// 工作报告
    Report {
        #[command(flatten)]
        data: Data,
        /// 模板
        #[arg(long, value_name = "ID")]
        template: Option<String>,
        /// 截止日期
        #[arg(long, value_name = "DATE")]
        as_of: Option<String>,
        /// 格式
        #[arg(long, value_enum)]
        format: Format,
        /// 写到哪个文件
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// 一个数的由来:后面有哪些记录
    Explain {
        #[command(flatten)]
        data: Data,
        /// 指标
        indicator: String,
        /// 区划代码
        #[arg(long, value_name = "CODE")]
        region: Option<String>,
        /// 截止日期
        #[arg(long, value_name = "DATE")]
        as_of: Option<String>,
        /// 格式
        #[arg(long, value_enum, default_value = "text")]
        format: ExplainFormat,
        /// 最多列多少条记录
        #[arg(long, default_value_t = 20)]
        limit: i64,
    },
    /// 核对日志链;不符时给出第一条不符的条目
    Verify {
        #[command(flatten)]
        data: Data,
        /// 只查一份凭据:从公开页复制下来的文字,存成的文件;不写数据文件夹时离线核对
        #[arg(long, value_name = "FILE")]
        receipt: Option<PathBuf>,
        /// 公示单上当天的摘要,与凭据比对
        #[arg(long, value_name = "HEAD")]
        head: Option<String>,
    },
    /// 用日志重算,与现有各表核对
    Rebuild {
        #[command(flatten)]
        data: Data,
        /// 只核对,不改
        #[arg(long, required = true)]
        check: bool,
    },
    /// 导入表格(.xlsx 或 .csv):名册、工单、人员、往期数据;一行有错,全部不导
    Import {
        #[command(flatten)]
        data: Data,
        /// 文件
        file: PathBuf,
        /// 哪一张表,策略包 sheets/ 里的 id 或事项的 id;不写就是人口名册
        #[arg(long, value_name = "ID", default_value = "people")]
        sheet: String,
        /// 有错的行跳过,只导入无误的行
        #[arg(long)]
        only_good: bool,
        /// 只核对,不导入
        #[arg(long)]
        check: bool,
        /// 把标好错处的表写到哪个文件(.xlsx)
        #[arg(long, value_name = "FILE")]
        corrected: Option<PathBuf>,
    },
    /// 导出表格(.csv 或 .xlsx):不写 --sheet 就是不含个人信息的事项清单
    Export {
        #[command(flatten)]
        data: Data,
        /// 写到哪个文件;按扩展名定格式
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// 用途,记在查阅记录里
        #[arg(long)]
        purpose: String,
        /// 哪一张导出的表,策略包 sheets/ 里的 id 或事项的 id
        #[arg(long, value_name = "ID")]
        sheet: Option<String>,
        /// 哪个地方,区划代码;不写就是全县
        #[arg(long, value_name = "CODE")]
        place: Option<String>,
    },
    /// 依法删除一个人的个人信息(个人信息保护法第四十七条):销毁密钥;不写 --destroy 就只列出有什么
    Erase {
        #[command(flatten)]
        data: Data,
        /// 电话;写 - 就从标准输入读一行,不留在命令记录里
        #[arg(long, value_name = "PHONE")]
        phone: Option<String>,
        /// 公民身份号码;写 - 就从标准输入读一行
        #[arg(long, value_name = "NUMBER")]
        citizen: Option<String>,
        /// 事项编号,如 20231103-0042;可写多个
        #[arg(long = "number", value_name = "NUMBER")]
        numbers: Vec<String>,
        /// 依据,记入日志
        #[arg(long, value_enum)]
        ground: Option<EraseGround>,
        /// 真的销毁,不能恢复
        #[arg(long)]
        destroy: bool,
    },
    /// 备份
    Backup {
        #[command(flatten)]
        data: Data,
        /// 备份到哪个文件夹
        #[arg(short, long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
    /// 从备份恢复到一个空文件夹
    Restore {
        /// 备份所在文件夹
        #[arg(long, value_name = "DIR")]
        from: PathBuf,
        /// 数据文件夹
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
    },
    /// 检查运行条件
    Doctor {
        #[command(flatten)]
        data: Data,
        /// 重建检索索引(字词)
        #[arg(long)]
        reindex: bool,
    },
    /// 量速度,与同一次运行里的 SQLite 原始提交对照
    Bench {
        /// 放测试数据的文件夹
        #[arg(long, default_value = "data/bench")]
        data: PathBuf,
        /// 先存到有这么多件事项再测
        #[arg(long, default_value_t = 0)]
        matters: u64,
        /// 每项测多少秒
        #[arg(long, default_value_t = 8)]
        seconds: u64,
        /// 同时多少个连接
        #[arg(long, default_value_t = 32)]
        connections: usize,
        /// 只测突发:平常每秒来这么多件,然后 35 倍,再回到平常;数收下、回 503、丢失和恢复的时间
        #[arg(long, value_name = "PER_SECOND")]
        burst: Option<u64>,
        /// 只测村务公开:文件夹为空时先生成一个样例县,目录里每一项都按月、公开这么多个月,再测公开进度板和村公开页
        #[arg(long, value_name = "MONTHS", conflicts_with = "burst")]
        disclosure: Option<usize>,
        /// 样例县有多少个村
        #[arg(long, default_value_t = 735, requires = "disclosure")]
        villages: usize,
        /// 结果写成 Markdown
        #[arg(long)]
        markdown: bool,
    },
}

/// Commands on packs.
#[derive(Subcommand)]
pub enum PackCommand {
    /// 检查策略包,列出全部错处
    Check {
        /// 策略包的文件夹
        dir: PathBuf,
    },
    /// 写出各文件的 JSON Schema
    Schema {
        /// 写到哪个文件夹
        dir: PathBuf,
    },
}

/// Formats of a report.
#[derive(Clone, Copy, ValueEnum, Debug)]
pub enum Format {
    /// Word
    Docx,
    /// Excel
    Xlsx,
    /// Markdown
    Md,
    /// HTML
    Html,
    /// JSON
    Json,
}

/// Formats of an explanation.
#[derive(Clone, Copy, ValueEnum, Debug, PartialEq, Eq)]
pub enum ExplainFormat {
    /// Lines
    Text,
    /// JSON
    Json,
}

/// Grounds of article 47.
#[derive(Clone, Copy, ValueEnum, Debug)]
pub enum EraseGround {
    /// 处理目的已实现、无法实现或者不再必要
    Purpose,
    /// 停止提供服务,或者保存期限已届满
    Expired,
    /// 个人撤回同意
    Withdrawn,
    /// 违反法律、行政法规或者违反约定处理
    Unlawful,
    /// 法律、行政法规规定的其他情形
    Law,
}
