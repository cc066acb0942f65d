//! Opening a data folder or a database, and the pack in force. A broken pack never takes the place of one that works:
//! the last good copy lies in the data folder.

use crate::cli::Data;
use std::path::{Path, PathBuf};
use xiangyue_app::{App, AppOptions, Clock};
use xiangyue_domain::day::{Day, Time};
use xiangyue_pack::{Fault, Loaded, PackFiles, load};
use xiangyue_store::Pool;

/// A fault in one line.
pub type Said = String;

/// Where everything lies.
pub struct Place {
    /// Folder of attachments, keys, the pack in force and backups.
    pub dir: PathBuf,
    /// The database.
    pub database: String,
}

impl Place {
    /// From the command line.
    pub fn of(data: &Data) -> Result<Place, Said> {
        match (&data.data, &data.database_url) {
            (None, None) => Err("请写 --data 文件夹,或 --database-url 地址".to_owned()),
            (dir, Some(url)) => {
                Ok(Place { dir: dir.clone().unwrap_or_else(|| PathBuf::from("data/postgres")), database: url.clone() })
            }
            (Some(dir), None) => Ok(Place::folder(dir)),
        }
    }

    /// A folder with its own database.
    pub fn folder(dir: &Path) -> Place {
        Place { dir: dir.to_owned(), database: dir.join("xiangyue.db").display().to_string() }
    }

    /// Whether there is a database already.
    pub fn exists(&self) -> bool {
        self.database.starts_with("postgres") || Path::new(&self.database).exists()
    }

    fn copy_of_pack(&self) -> PathBuf {
        self.dir.join("pack-in-force")
    }
}

/// Faults of a pack in lines.
pub fn faults(faults: &[Fault]) -> Said {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    format!("策略包有 {} 处要改:\n{}", faults.len(), lines.join("\n"))
}

/// Loads a pack by name.
pub fn pack(name: &str) -> Result<Loaded, Said> {
    let files = PackFiles::named(name).map_err(|f| faults(&f))?;
    load(files).map_err(|f| faults(&f))
}

/// The pack for a data folder: the one named, else the one in force; a broken one gives way to the copy in force.
async fn pack_for(place: &Place, name: Option<&str>) -> Result<Loaded, Said> {
    let in_force = in_force(place).await;
    let name = name.map(str::to_owned).or(in_force).unwrap_or_else(PackFiles::default_name);
    match pack(&name) {
        Ok(loaded) => Ok(loaded),
        Err(said) => {
            let copy = place.copy_of_pack().join(&name);
            let kept = PackFiles::at(&copy).ok().and_then(|files| load(files).ok());
            let Some(kept) = kept else { return Err(said) };
            eprintln!("xiangyue: {said}\n继续使用正在用的策略包: {}", copy.display());
            Ok(kept)
        }
    }
}

/// Identifier of the pack in force in a database that is there already.
async fn in_force(place: &Place) -> Option<String> {
    if !place.exists() {
        return None;
    }
    let pool = Pool::open(&place.database).await.ok()?;
    let mut found = None;
    for realm in pool.realms().await.unwrap_or_default() {
        found = pool.setting(realm, "pack").await.ok().flatten().or(found);
    }
    pool.close().await;
    found
}

/// Opens an application, installs the pack and keeps a copy of it.
pub async fn open(place: &Place, name: Option<&str>, clock: Clock, seed: Option<u64>) -> Result<(App, Loaded), Said> {
    std::fs::create_dir_all(&place.dir).map_err(|e| format!("{}: {e}", place.dir.display()))?;
    let loaded = pack_for(place, name).await?;
    if loaded.policy.realm == 0 {
        return Err(format!("策略包 {} 没有 realm(六位县级代码),不能单独运行", loaded.policy.id));
    }
    let options = AppOptions {
        database: place.database.clone(),
        files: place.dir.join("attachments"),
        key_file: place.dir.join("keys/master.key"),
        clock,
        seed,
    };
    let app = App::open(options, loaded.policy.clone()).await.map_err(|e| e.to_string())?;
    Ok((app, loaded))
}

/// Puts the pack into force and keeps a copy of its files.
pub async fn install(place: &Place, app: &App, loaded: &Loaded, at: Time) -> Result<(), Said> {
    app.install(at, loaded).await.map_err(|e| e.to_string())?;
    let copy = place.copy_of_pack().join(&loaded.policy.id);
    for (path, bytes) in &loaded.files.files {
        let to = copy.join(path);
        let dir = to.parent().map(Path::to_path_buf).unwrap_or_default();
        let same = std::fs::read(&to).is_ok_and(|old| old == *bytes);
        if !same {
            std::fs::create_dir_all(&dir)
                .and_then(|()| std::fs::write(&to, bytes))
                .map_err(|e| format!("{}: {e}", to.display()))?;
        }
    }
    Ok(())
}

/// Opens data that must be there already, for reading and checking.
pub async fn existing(data: &Data) -> Result<(App, Loaded), Said> {
    let place = Place::of(data)?;
    if !place.exists() {
        return Err(format!("{} 里没有数据;先运行 xiangyue simulate 或 xiangyue serve", place.dir.display()));
    }
    open(&place, None, Clock::System, None).await
}

/// A day from the command line.
pub fn day(text: Option<&str>) -> Result<Option<Day>, Said> {
    match text {
        None => Ok(None),
        Some(text) => Day::parse(text).map(Some).ok_or_else(|| format!("日期不对: {text};请写成 2021-05-31")),
    }
}

/// The scenario's period of a demo.
pub async fn demo_period(app: &App) -> Option<(Day, Day)> {
    let text = app.demo().await.ok().flatten()?;
    let (from, until) = text.split_once('/')?;
    Some((Day::parse(from)?, Day::parse(until)?))
}
