//! `xiangyue verify`, `rebuild --check` and `doctor`.

use crate::cli::Data;
use crate::open::{self, Place, Said};
use xiangyue_app::rebuild;
use xiangyue_store::Pool;

/// `verify`: exit 0, or the first entry that does not hold.
pub async fn verify(data: &Data) -> Result<(), Said> {
    let place = Place::of(data)?;
    if !place.exists() {
        return Err(format!("{} 里没有数据", place.dir.display()));
    }
    let pool = Pool::open(&place.database).await.map_err(|e| e.to_string())?;
    let mut total = 0;
    for realm in pool.realms().await.map_err(|e| e.to_string())? {
        let verdict = rebuild::verify(&pool, realm).await.map_err(|e| e.to_string())?;
        if let Some(fault) = verdict.fault {
            println!("{fault}");
            return Err("日志不符".to_owned());
        }
        total += verdict.entries;
    }
    println!("日志完好: {total} 条,逐条相接");
    Ok(())
}

/// `rebuild --check`
pub async fn rebuild(data: &Data) -> Result<(), Said> {
    let (app, _) = open::existing(data).await?;
    let verdict = app.check_rebuild().await.map_err(|e| e.to_string())?;
    match verdict.fault {
        Some(fault) => {
            println!("{fault}");
            Err("重算不符".to_owned())
        }
        None => {
            println!("重算一致: {} 条日志重放后,各表、事实与汇总逐一相等", verdict.entries);
            Ok(())
        }
    }
}

/// `doctor`: what the platform stands on.
pub async fn doctor(data: &Data, reindex: bool) -> Result<(), Said> {
    let mut bad = 0;
    let mut say = |good: bool, text: String| {
        println!("{} {text}", if good { "✓" } else { "✗" });
        bad += usize::from(!good);
    };
    let place = Place::of(data)?;
    if place.exists() {
        let (app, loaded) = open::existing(data).await?;
        let version = app.pool().version().await.map_err(|e| e.to_string())?;
        say(true, format!("数据库 {version}"));
        let head = app.pool().head(app.realm()).await.map_err(|e| e.to_string())?.unwrap_or_default();
        say(head.seq > 0, format!("日志 {} 条", head.seq));
        let same = head.pack == loaded.policy.hash;
        say(
            same,
            format!(
                "策略包 {} {}",
                loaded.policy.id,
                if same { "与正在用的一致" } else { "与正在用的不同,下次 serve 时换上" }
            ),
        );
        if reindex {
            let bar = indicatif::ProgressBar::no_length();
            let told = bar.clone();
            let n = app.reindex(&move |n| told.set_position(n)).await.map_err(|e| e.to_string())?;
            bar.finish_and_clear();
            say(true, format!("检索索引已重建: {n} 件"));
        }
        let indexed = !app.needs_index().await.map_err(|e| e.to_string())?;
        say(indexed, format!("检索索引{}", if indexed { "已有" } else { "还没有,用 doctor --reindex 建立" }));
        let day = app.now().day();
        let ahead = loaded.policy.settings.as_ref().map_or(2, |s| i32::from(s.calendar_ahead));
        let missing = loaded.policy.calendar.missing_year(day, day.plus_months(ahead));
        let words =
            missing.map_or("往后几个月都有".to_owned(), |y| format!("缺{y}年,到那一年的期限暂按周末计算"));
        say(missing.is_none(), format!("工作日历{words}"));
        let key = place.dir.join("keys/master.key");
        say(key.exists(), format!("密钥文件 {}(请与数据分开备份)", key.display()));
        let waiting = app.pool().outbox_due(app.realm(), app.now().0, 1000).await.map_err(|e| e.to_string())?.len();
        say(waiting < 1000, format!("待发通知 {waiting} 条"));
        let due =
            app.pool().due_matters(app.realm(), app.now().0 - 120_000, 10).await.map_err(|e| e.to_string())?.len();
        say(true, format!("等时钟处理的事项 {due} 件(服务开着时应为0)"));
    } else {
        say(true, format!("{} 里还没有数据", place.dir.display()));
    }
    let probe = place.dir.join(".doctor");
    let writable = std::fs::create_dir_all(&place.dir).and_then(|()| std::fs::write(&probe, b"ok")).is_ok();
    let _ = std::fs::remove_file(&probe);
    say(writable, format!("数据文件夹 {} 可写", place.dir.display()));
    if bad == 0 { Ok(()) } else { Err(format!("{bad} 项需要处理")) }
}
