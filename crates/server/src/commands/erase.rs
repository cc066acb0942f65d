//! `xiangyue erase`: finds what stands of a person and destroys the keys it stands under, when it is told to; says what
//! remains and why. Must never print a word of what it destroys, nor destroy anything without a ground of the law.

use super::exchange::said;
use crate::cli::{Data, EraseGround};
use crate::open::{self, Said};
use std::collections::BTreeSet;
use xiangyue_app::App;
use xiangyue_app::erase::{Destroyed, OfPerson, Remains, Stays, Whose};
use xiangyue_domain::erasure::{Ground, Kept};
use xiangyue_web::Locales;

/// Whom to look for, and what to do.
pub struct Wanted {
    /// Telephone, or `-` for a line of the standard input.
    pub phone: Option<String>,
    /// Citizen's number, or `-`.
    pub citizen: Option<String>,
    /// Numbers of matters.
    pub numbers: Vec<String>,
    /// Why.
    pub ground: Option<EraseGround>,
    /// Destroy what was found.
    pub destroy: bool,
}

/// `erase`
pub async fn erase(data: &Data, wanted: Wanted) -> Result<(), Said> {
    let whose = whose(&wanted)?;
    let ground = wanted.ground.map(ground_of);
    if wanted.destroy && ground.is_none() {
        return Err("要销毁,请用 --ground 写明依据(个人信息保护法第四十七条的哪一项)".to_owned());
    }
    let (app, _) = open::existing(data).await?;
    let words = Locales::embedded();
    let mut found = Remains::default();
    for one in &whose {
        let more = app.remains_of(one).await.map_err(|e| said(&words, &e))?;
        if matches!(one, Whose::Number(_)) && more.matters.is_empty() {
            println!("没有这个编号");
        }
        found.join(more);
    }
    tell(&app, &found);
    match ground.filter(|_| wanted.destroy) {
        _ if found.is_empty() => println!("没有可以销毁的。"),
        None => println!("没有动任何数据。要销毁,请加 --destroy --ground 依据"),
        Some(ground) => {
            let gone = app.destroy(&found, ground).await.map_err(|e| said(&words, &e))?;
            tell_gone(gone);
        }
    }
    tell_what_stays(&app, &found);
    Ok(())
}

/// A number given as `-` is read from the standard input, so that it stands in no history of a shell.
fn read(given: &str) -> Result<String, Said> {
    if given != "-" {
        return Ok(given.to_owned());
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|e| e.to_string())?;
    Ok(line.trim().to_owned())
}

fn whose(wanted: &Wanted) -> Result<Vec<Whose>, Said> {
    let mut all: Vec<Whose> = wanted.numbers.iter().cloned().map(Whose::Number).collect();
    if let Some(phone) = &wanted.phone {
        all.push(Whose::Phone(read(phone)?));
    }
    if let Some(citizen) = &wanted.citizen {
        all.push(Whose::Citizen(read(citizen)?));
    }
    if all.is_empty() { Err("请写 --phone、--citizen 或 --number 中的一个".to_owned()) } else { Ok(all) }
}

fn ground_of(ground: EraseGround) -> Ground {
    match ground {
        EraseGround::Purpose => Ground::Purpose,
        EraseGround::Expired => Ground::Expired,
        EraseGround::Withdrawn => Ground::Withdrawn,
        EraseGround::Unlawful => Ground::Unlawful,
        EraseGround::Law => Ground::Law,
    }
}

/// What was found, one line each, without a word of it.
fn tell(app: &App, found: &Remains) {
    let policy = app.policy();
    for one in &found.matters {
        let kind = policy.kind_of(&one.matter);
        let name = kind.map_or(one.matter.kind.as_str(), |k| k.name.as_str());
        let step = kind.and_then(|k| k.step(&one.matter.step)).map_or("", |s| s.name.as_str());
        let below = if one.below.is_empty() { String::new() } else { format!(",连同下级 {} 件", one.below.len()) };
        let kept;
        let what = match one.stays {
            None => "可以销毁",
            Some(Stays::Open) => "还在办理,办完再来",
            Some(Stays::Public) => "村里公开或表决过的,不在此列",
            Some(Stays::Gone) => "早已销毁",
            Some(Stays::Kept(Kept::Always)) => "永久保管,不能销毁",
            Some(Stays::Kept(Kept::Until(day))) => {
                kept = format!("保管期限未满,{day} 起才可销毁");
                &kept
            }
        };
        println!("{}  {name}  {}  {step}{below}  {what}", one.matter.number, one.matter.accepted);
    }
    if !found.people.is_empty() {
        println!("人口名册 {} 人  可以销毁", found.people.len());
    }
    if !found.told.is_empty() {
        println!("手机订阅 {} 处  可以停止并销毁号码", found.told.len());
    }
    if found.matters.is_empty() && found.people.is_empty() && found.told.is_empty() {
        println!("没有找到。");
    }
}

fn tell_gone(gone: Destroyed) {
    println!(
        "已销毁 {} 件事项、{} 人的密钥,停止 {} 处手机订阅,删去附件 {} 个;按号码、姓名和字词都查不到了。",
        gone.matters, gone.people, gone.told, gone.files
    );
    println!("服务开着的,至多 15 秒后忘掉它用过的密钥,不必重启。");
}

/// What remains, and why.
fn tell_what_stays(app: &App, found: &Remains) {
    let counted = |what: Stays| found.matters.iter().filter(|m: &&OfPerson| m.stays == Some(what)).count();
    println!("仍然保留的,和为什么:");
    println!("· 编号、类别、地点、时间、经办岗位和件数:不指向个人,统计和监督以它为据。");
    println!("· 日志里的密文:没有密钥谁也读不出;删去一条,整条链就对不上(第四十七条第二款)。");
    match counted(Stays::Open) {
        0 => {}
        n => println!("· 还在办理的 {n} 件:正在履行法定职责(第十三条第一款第三项),办完后再运行一次。"),
    }
    match counted(Stays::Public) {
        0 => {}
        n => println!("· 村里公开或表决过的 {n} 件:要更正或撤回,由村里在那件事上办。"),
    }
    let kept = found.matters.iter().filter(|m| matches!(m.stays, Some(Stays::Kept(_))));
    let bases: BTreeSet<String> = kept.flat_map(|m| app.retention_bases(m)).collect();
    for basis in bases {
        println!("· 保管期限未满的:依据{basis},期满前除存储和安全保护外不作别的处理(第四十七条第二款)。");
    }
    println!("· 谁看过的记录:日志留存不少于六个月,其中没有姓名和号码。");
    println!("· {}之前的密钥备份:里面还有这些密钥,请按备份制度销毁。", app.now().day());
    println!("· 别人的事项里提到此人的话、已经导出的表格:系统认不出,请另行查找。");
}
