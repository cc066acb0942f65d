//! `xiangyue backup` and `restore`. The database and the keys are written to separate folders: whoever holds only one
//! of them can read no villager's words.

use crate::cli::Data;
use crate::open::{Place, Said};
use std::path::{Path, PathBuf};
use xiangyue_app::Clock;
use xiangyue_app::rebuild;
use xiangyue_store::Pool;

fn copy_tree(from: &Path, to: &Path) -> std::io::Result<u64> {
    let mut copied = 0;
    if !from.exists() {
        return Ok(0);
    }
    std::fs::create_dir_all(to)?;
    for item in std::fs::read_dir(from)? {
        let item = item?;
        let target = to.join(item.file_name());
        if item.path().is_dir() {
            copied += copy_tree(&item.path(), &target)?;
        } else {
            std::fs::copy(item.path(), &target)?;
            std::fs::File::open(&target)?.sync_all()?;
            copied += 1;
        }
    }
    Ok(copied)
}

/// `backup`
pub async fn backup(data: &Data, output: Option<PathBuf>) -> Result<(), Said> {
    let place = Place::of(data)?;
    if !place.exists() {
        return Err(format!("{} 里没有数据", place.dir.display()));
    }
    let now = Clock::System.now();
    let name = format!("{}-{}", now.day(), now.hhmm().replace(':', ""));
    let target = output.unwrap_or_else(|| place.dir.join("backups").join(name));
    if target.exists() {
        return Err(format!("{} 已存在;换一个文件夹", target.display()));
    }
    let (books, keys) = (target.join("books"), target.join("keys"));
    std::fs::create_dir_all(&books).map_err(|e| format!("{}: {e}", books.display()))?;
    std::fs::create_dir_all(&keys).map_err(|e| format!("{}: {e}", keys.display()))?;
    let pool = Pool::open(&place.database).await.map_err(|e| e.to_string())?;
    let copy = books.join("xiangyue.db").display().to_string();
    pool.copy_to(&copy).await.map_err(|e| e.to_string())?;
    let taken = Pool::open(&copy).await.map_err(|e| e.to_string())?;
    taken.move_keys_to(&keys.join("keys.db").display().to_string()).await.map_err(|e| e.to_string())?;
    taken.close().await;
    let files = copy_tree(&place.dir.join("attachments"), &books.join("attachments")).map_err(|e| e.to_string())?;
    copy_tree(&place.dir.join("pack-in-force"), &books.join("pack-in-force")).map_err(|e| e.to_string())?;
    copy_tree(&place.dir.join("keys"), &keys).map_err(|e| e.to_string())?;
    println!("已备份到 {}: books(账册,{files} 个附件)与 keys(密钥)请分开存放", target.display());
    Ok(())
}

/// `restore`
pub async fn restore(from: &Path, data: &Path) -> Result<(), Said> {
    let place = Place::folder(data);
    if place.exists() {
        return Err(format!("{} 里已有数据;请恢复到空文件夹", data.display()));
    }
    let (books, keys) = (from.join("books"), from.join("keys"));
    if !books.join("xiangyue.db").exists() {
        return Err(format!("{} 里没有备份(缺 books/xiangyue.db)", from.display()));
    }
    copy_tree(&books, data).map_err(|e| e.to_string())?;
    let pool = Pool::open(&place.database).await.map_err(|e| e.to_string())?;
    let with_keys = keys.join("keys.db").exists();
    if with_keys {
        pool.take_keys_from(&keys.join("keys.db").display().to_string()).await.map_err(|e| e.to_string())?;
        let master = keys.join("master.key");
        std::fs::create_dir_all(data.join("keys")).map_err(|e| e.to_string())?;
        if master.exists() {
            std::fs::copy(&master, data.join("keys/master.key")).map_err(|e| e.to_string())?;
        }
    }
    for realm in pool.realms().await.map_err(|e| e.to_string())? {
        let verdict = rebuild::verify(&pool, realm).await.map_err(|e| e.to_string())?;
        if let Some(fault) = verdict.fault {
            return Err(format!("恢复的日志不符: {fault}"));
        }
        println!("已恢复: 日志 {} 条,逐条相接", verdict.entries);
    }
    pool.close().await;
    if with_keys {
        let (app, _) = crate::open::existing(&Data { data: Some(data.to_owned()), database_url: None }).await?;
        let n = app.reindex(&|_| {}).await.map_err(|e| e.to_string())?;
        println!("检索索引已重建: {n} 件");
    }
    if !with_keys {
        println!("没有找到密钥(keys);数字照常,个人信息打不开");
    }
    Ok(())
}
