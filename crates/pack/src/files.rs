//! Where a pack's files come from: a folder `./packs/NAME`, or the copy embedded in the binary.

use crate::fault::Fault;
use rust_embed::RustEmbed;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use xiangyue_domain::crypto::sm3_hex;

#[derive(RustEmbed)]
#[folder = "../../packs"]
struct Embedded;

/// A pack that extends another, extends at most this many.
const MAX_DEPTH: usize = 4;

/// The files of a pack with those it extends under them, by path within the pack.
#[derive(Debug, Clone, Default)]
pub struct PackFiles {
    /// Identifier: the folder's name.
    pub id: String,
    /// Contents by path; the pack's own file hides that of the pack it extends.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl PackFiles {
    /// The pack named in `packs/default.toml`.
    pub fn default_name() -> String {
        let local = std::fs::read_to_string("packs/default.toml").ok();
        let text =
            local.or_else(|| Embedded::get("default.toml").map(|f| String::from_utf8_lossy(&f.data).into_owned()));
        let value: Option<toml::Table> = text.and_then(|t| t.parse().ok());
        value.and_then(|t| t.get("default").and_then(|d| d.as_str()).map(str::to_owned)).unwrap_or_default()
    }

    /// A pack by name: `./packs/NAME`, else the embedded copy.
    pub fn named(name: &str) -> Result<PackFiles, Vec<Fault>> {
        let dir = Path::new("packs").join(name);
        if dir.is_dir() {
            return PackFiles::at(&dir);
        }
        let own = embedded(name);
        if own.is_empty() {
            let message = format!("没有这个策略包: {name};请写 packs/ 下的文件夹名");
            return Err(vec![Fault::new("pack.toml", 0, message)]);
        }
        extend(name, own, &|base| Some(embedded(base)).filter(|f| !f.is_empty()), 0)
    }

    /// A pack in a folder; what it extends is looked for beside it, then in the embedded copy.
    pub fn at(dir: &Path) -> Result<PackFiles, Vec<Fault>> {
        let name = dir.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let own = folder(dir)
            .map_err(|e| vec![Fault::new("pack.toml", 0, format!("读不了文件夹 {}: {e}", dir.display()))])?;
        let beside: PathBuf = dir.parent().map(Path::to_path_buf).unwrap_or_default();
        let find = |base: &str| {
            let path = beside.join(base);
            let files = if path.is_dir() { folder(&path).ok() } else { Some(embedded(base)) };
            files.filter(|f| !f.is_empty())
        };
        extend(&name, own, &find, 0)
    }

    /// A file as text.
    pub fn text(&self, path: &str) -> Option<String> {
        self.files.get(path).map(|b| String::from_utf8_lossy(b).into_owned())
    }

    /// Paths under a folder with an ending, in order.
    pub fn under<'a>(&'a self, folder: &'a str, ending: &'a str) -> impl Iterator<Item = &'a String> {
        self.files.keys().filter(move |p| p.starts_with(folder) && p.ends_with(ending))
    }

    /// A list's own file, then a county's additions to it: `posts.toml`, `posts-NAME.toml`.
    pub(crate) fn with_additions(&self, list: &str) -> Vec<String> {
        let own = format!("{list}.toml");
        let more = self.under(list, ".toml").filter(|p| p[list.len()..].starts_with('-')).cloned();
        std::iter::once(own.clone()).chain(more).collect()
    }

    /// SM3 over all files that rule: what is in force is known by this hash.
    pub fn hash(&self) -> String {
        let mut all = Vec::new();
        for (path, bytes) in self.files.iter().filter(|(p, _)| !p.starts_with("scenario") && !p.ends_with("README.md"))
        {
            all.extend_from_slice(path.as_bytes());
            all.push(0);
            all.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
            all.extend_from_slice(bytes);
        }
        sm3_hex(&all)
    }
}

type Files = BTreeMap<String, Vec<u8>>;

fn embedded(name: &str) -> Files {
    let prefix = format!("{name}/");
    Embedded::iter()
        .filter_map(|path| {
            let inner = path.strip_prefix(&prefix)?.to_owned();
            Some((inner, Embedded::get(&path)?.data.into_owned()))
        })
        .collect()
}

fn folder(dir: &Path) -> std::io::Result<Files> {
    let mut files = Files::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(at) = open.pop() {
        for item in std::fs::read_dir(&at)? {
            let path = item?.path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(inner) = path.strip_prefix(dir) {
                let inner = inner.to_string_lossy().replace('\\', "/");
                files.insert(inner, std::fs::read(&path)?);
            }
        }
    }
    Ok(files)
}

fn extend(name: &str, own: Files, find: &dyn Fn(&str) -> Option<Files>, depth: usize) -> Result<PackFiles, Vec<Fault>> {
    let head = own.get("pack.toml").map(|b| String::from_utf8_lossy(b).into_owned()).unwrap_or_default();
    let base =
        head.parse::<toml::Table>().ok().and_then(|t| t.get("extends").and_then(|e| e.as_str()).map(str::to_owned));
    let mut files = Files::new();
    if let Some(base) = base {
        if depth >= MAX_DEPTH {
            return Err(vec![Fault::at("pack.toml", &head, "extends", "extends 套得太深;最多四层")]);
        }
        let Some(under) = find(&base) else {
            let message = format!("extends 指的策略包不存在: {base};通常写 \"base\"");
            return Err(vec![Fault::at("pack.toml", &head, "extends", message)]);
        };
        files = extend(&base, under, find, depth + 1)?.files;
    }
    files.extend(own);
    Ok(PackFiles { id: name.to_owned(), files })
}
