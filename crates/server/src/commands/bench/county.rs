//! A county for the bench that is none: its territory is generated, says so in every name, and lies in the bench's own
//! folder as a pack over the default one. Every item of the catalogue of disclosures is due each month there, which is
//! more than any county asks. It must never be shipped as a pack.

use super::publish::Writing;
use crate::open::{self, Place, Said};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use xiangyue_app::due::duty_kind;
use xiangyue_app::setup::NewStaff;
use xiangyue_app::{App, Clock};
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::policy::Level;
use xiangyue_domain::register::Holder;
use xiangyue_pack::{Loaded, PackFiles};

/// Identifier of the generated pack, and the six digits of its county: 99 is no province.
const ID: &str = "sample-disclosure";
const REALM: &str = "990700";
/// Villages of one town.
const IN_TOWN: usize = 49;
/// Days after its month within which an item is in time.
const WITHIN: &str = "10";

/// Writes the pack beside the data and gives its folder.
pub fn write_pack(data: &Path, villages: usize) -> Result<PathBuf, Said> {
    let base = PackFiles::default_name();
    let under = PackFiles::named(&base).map_err(|f| open::faults(&f))?;
    let dir = std::path::absolute(data.join("packs").join(ID)).map_err(|e| e.to_string())?;
    let mut head: toml::Table =
        under.text("pack.toml").unwrap_or_default().parse().map_err(|e: toml::de::Error| e.to_string())?;
    for (key, value) in [("id", ID), ("name", "样例县(压测用,不是真的)"), ("extends", &base), ("county", "样例县")]
    {
        head.insert(key.to_owned(), value.into());
    }
    head.insert("realm".to_owned(), REALM.parse::<i64>().map_err(|e| e.to_string())?.into());
    let catalogue = format!("catalogues/{}.csv", catalogue_of(under.clone())?);
    let monthly = every_month(&under.text(&catalogue).unwrap_or_default())?;
    // What the default pack says of its own territory must not stand under this one.
    let only_head = |path: &str| under.text(path).and_then(|t| t.lines().next().map(|l| format!("{l}\n")));
    let mut files = vec![
        ("pack.toml".to_owned(), toml::to_string(&head).map_err(|e| e.to_string())?),
        ("regions.csv".to_owned(), regions(villages)),
        (catalogue, monthly),
    ];
    for path in ["natural_units.csv", "figures.csv"] {
        files.extend(only_head(path).map(|text| (path.to_owned(), text)));
    }
    for (path, text) in files {
        let to = dir.join(path);
        let folder = to.parent().map(Path::to_path_buf).unwrap_or_default();
        let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&to, text));
        written.map_err(|e| format!("{}: {e}", to.display()))?;
    }
    Ok(dir)
}

/// The catalogue whose items have to be made public.
fn catalogue_of(files: PackFiles) -> Result<String, Said> {
    let loaded = xiangyue_pack::load(files).map_err(|f| open::faults(&f))?;
    let (_, rules) = duty_kind(&loaded.policy).ok_or("策略包里没有按目录公开的事项")?;
    Ok(rules.catalogue.clone())
}

/// Towns and villages under made-up codes, each marked as simulated.
fn regions(villages: usize) -> String {
    let mut out = String::from("code,name,display,level,class,parent,valid_from,valid_to,note\n");
    out += &format!("{REALM}000000,样例县,样例县,county,,,2019-01-01,,模拟\n");
    for n in 0..villages {
        let (town, nth) = (n / IN_TOWN, n % IN_TOWN);
        let town_code = format!("{REALM}{:03}000", 100 + town);
        if nth == 0 {
            let name = format!("样例第{}镇", town + 1);
            out += &format!("{town_code},{name},{name},town,,{REALM}000000,2019-01-01,,模拟\n");
        }
        let (code, name) = (format!("{REALM}{:03}{:03}", 100 + town, 200 + nth), format!("样例{:03}村", n + 1));
        out += &format!("{code},{name}村民委员会,{name},village,,{town_code},2019-01-01,,模拟\n");
    }
    out
}

/// The catalogue with every item due each month.
fn every_month(text: &str) -> Result<String, Said> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let heads = reader.headers().map_err(|e| e.to_string())?.clone();
    let at = |name: &str| heads.iter().position(|h| h == name).ok_or_else(|| format!("目录里没有 {name} 列"));
    let (cadence, within) = (at("cadence")?, at("within")?);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&heads).map_err(|e| e.to_string())?;
    for record in reader.records() {
        let record = record.map_err(|e| e.to_string())?;
        let due = record.get(cadence).is_some_and(|c| !c.is_empty());
        let cell = |(n, text): (usize, &str)| match n {
            _ if !due => text.to_owned(),
            n if n == cadence => "month".to_owned(),
            n if n == within => WITHIN.to_owned(),
            _ => text.to_owned(),
        };
        writer.write_record(record.iter().enumerate().map(cell)).map_err(|e| e.to_string())?;
    }
    String::from_utf8(writer.into_inner().map_err(|e| e.to_string())?).map_err(|e| e.to_string())
}

/// Opens the county at an instant; every post that the writing names is held by somebody of their own.
pub async fn open_county(
    place: &Place,
    pack: &Path,
    writing: fn(&Loaded) -> Result<Writing, Said>,
    at: Time,
) -> Result<(App, Loaded, Writing), Said> {
    let name = pack.display().to_string();
    let (app, loaded) = open::open(place, Some(&name), Clock::fixed(at), None).await?;
    open::install(place, &app, &loaded, at).await?;
    let writing = writing(&loaded)?;
    let posts: BTreeSet<String> = writing.posts().into_iter().collect();
    if app.directory().accounts.is_empty() {
        let staff = staff(&app, &loaded, posts, at.day())?;
        app.add_staff(at, staff, at.day().plus(-30)).await.map_err(|e| e.to_string())?;
    }
    Ok((app, loaded, writing))
}

/// One person for each post at each place of its level.
fn staff(app: &App, loaded: &Loaded, posts: BTreeSet<String>, day: Day) -> Result<Vec<NewStaff>, Said> {
    let directory = app.directory();
    let levels: BTreeMap<String, Level> = loaded.policy.posts.iter().map(|p| (p.id.clone(), p.level)).collect();
    let mut out = Vec::new();
    for post in posts {
        let level = *levels.get(&post).ok_or_else(|| format!("没有这个岗位: {post}"))?;
        for region in directory.tree.of_level(level, day) {
            let code = directory.tree.code(region, day);
            out.push(NewStaff {
                login: format!("{post}-{code}"),
                name: "样例".to_owned(),
                phone: String::new(),
                posts: vec![Holder { post: post.clone(), seat: region.0 }],
                demo: true,
            });
        }
    }
    Ok(out)
}
