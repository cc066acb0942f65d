//! Keys of subjects: every matter and person has its own, wrapped under the master key, which is kept apart from the
//! database. Destroying a key erases what it enciphered everywhere at once.

use crate::clock::Entropy;
use crate::error::AppError;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use xiangyue_domain::crypto::{self, Key, KeyProvider, MasterKey, sm3};
use xiangyue_domain::words::WordKey;
use xiangyue_store::Pool;

/// Texts by field.
pub type Texts = BTreeMap<String, String>;

/// Keys in memory at most; beyond it all are forgotten and unwrapped anew.
const CACHE: usize = 20_000;
/// How names of keys of households begin; no drawn name has a slash.
const HOUSEHOLD: &str = "home/";
/// Name under which tickets are sealed.
const TICKETS: &str = "ticket/";

/// A new subject: the name of its key and the key.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Name of the key.
    pub name: String,
    /// The key.
    pub key: Key,
}

/// Enciphers and deciphers personal texts.
pub struct Secrets {
    provider: Box<dyn KeyProvider>,
    entropy: Entropy,
    words: WordKey,
    cache: Mutex<HashMap<String, Key>>,
}

impl Secrets {
    /// With the master key in a file; the file is made on first use, readable by its owner alone.
    pub fn at(path: &Path, entropy: Entropy) -> Result<Secrets, AppError> {
        let bytes: [u8; 32] = match std::fs::read(path) {
            Ok(bytes) => {
                bytes.try_into().map_err(|_| AppError::Io(format!("{}: 密钥文件应为32字节", path.display())))?
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let bytes: [u8; 32] = Entropy::system().bytes();
                write_private(path, &bytes)?;
                bytes
            }
            Err(error) => return Err(AppError::Io(format!("{}: {error}", path.display()))),
        };
        Ok(Secrets::with(Box::new(MasterKey::from_bytes(bytes)), entropy))
    }

    /// With a key provider.
    pub fn with(provider: Box<dyn KeyProvider>, entropy: Entropy) -> Secrets {
        let words = WordKey::new(&provider.token("words", "permutation"));
        Secrets { provider, entropy, words, cache: Mutex::default() }
    }

    /// A new subject and the wrapped form of its key.
    pub fn subject(&self) -> (Subject, String) {
        let name = URL_SAFE_NO_PAD.encode(self.entropy.bytes::<12>());
        let key = Key::from_bytes(self.entropy.bytes());
        let wrapped = self.provider.wrap(&key, self.entropy.bytes());
        self.keep(&name, &key);
        (Subject { name, key }, wrapped)
    }

    /// A subject whose wrapped key is kept beside what it enciphers, outside the database.
    pub(crate) fn subject_of(&self, name: &str, wrapped: &str) -> Result<Subject, AppError> {
        let key = self.provider.unwrap(wrapped).map_err(|f| AppError::Io(f.key().to_owned()))?;
        Ok(Subject { name: name.to_owned(), key })
    }

    /// The subject of a household's entries that stand in public. Its key follows from the platform's, since what it
    /// enciphers names nobody and stands on the village's page.
    pub(crate) fn of_household(&self, id: i64) -> Subject {
        let name = format!("{HOUSEHOLD}{id}");
        let drawn = sm3(self.provider.token("posted-key", &name).as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&drawn[..16]);
        let key = Key::from_bytes(bytes);
        Subject { name, key }
    }

    /// The subject of tickets: what a page hands to a browser sealed, to have it back with the next form.
    pub(crate) fn of_tickets(&self) -> Subject {
        let drawn = sm3(self.provider.token("ticket-key", TICKETS).as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&drawn[..16]);
        Subject { name: TICKETS.to_owned(), key: Key::from_bytes(bytes) }
    }

    /// Forgets a key that was destroyed.
    pub(crate) fn forget(&self, name: &str) {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    /// Forgets every key: another process may have destroyed some.
    pub(crate) fn forget_all(&self) {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn keep(&self, name: &str, key: &Key) {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= CACHE {
            cache.clear();
        }
        cache.insert(name.to_owned(), key.clone());
    }

    fn cached(&self, name: &str) -> Option<Key> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// A subject by the name of its key; `None` once it was erased.
    pub async fn find(&self, pool: &Pool, realm: i64, name: &str) -> Result<Option<Subject>, AppError> {
        if let Some(id) = name.strip_prefix(HOUSEHOLD).and_then(|id| id.parse().ok()) {
            return Ok(Some(self.of_household(id)));
        }
        if let Some(key) = self.cached(name) {
            return Ok(Some(Subject { name: name.to_owned(), key }));
        }
        let Some(wrapped) = pool.wrapped_key(realm, name).await? else { return Ok(None) };
        let key = self.provider.unwrap(&wrapped).map_err(|f| AppError::Io(f.key().to_owned()))?;
        self.keep(name, &key);
        Ok(Some(Subject { name: name.to_owned(), key }))
    }

    /// Loads the keys of many subjects with one query.
    pub async fn warm(&self, pool: &Pool, realm: i64, names: &[String]) -> Result<(), AppError> {
        let missing: Vec<String> = names.iter().filter(|n| self.cached(n).is_none()).cloned().collect();
        if missing.is_empty() {
            return Ok(());
        }
        for (name, wrapped) in pool.wrapped_keys(realm, &missing).await? {
            if let Ok(key) = self.provider.unwrap(&wrapped) {
                self.keep(&name, &key);
            }
        }
        Ok(())
    }

    /// Texts as ciphertext; `None` when there are none.
    pub fn seal(&self, subject: &Subject, texts: &Texts) -> Option<String> {
        if texts.is_empty() {
            return None;
        }
        let plain = serde_json::to_vec(texts).unwrap_or_default();
        Some(crypto::seal(&subject.key, self.entropy.bytes(), subject.name.as_bytes(), &plain))
    }

    /// Texts from ciphertext; nothing when the key is gone.
    pub fn open(&self, subject: &Subject, sealed: &str) -> Texts {
        crypto::open(&subject.key, subject.name.as_bytes(), sealed)
            .ok()
            .and_then(|plain| serde_json::from_slice(&plain).ok())
            .unwrap_or_default()
    }

    /// Bytes of a file as ciphertext.
    pub fn seal_bytes(&self, subject: &Subject, bytes: &[u8]) -> String {
        crypto::seal(&subject.key, self.entropy.bytes(), subject.name.as_bytes(), bytes)
    }

    /// Bytes as ciphertext under a nonce that follows from what they commit to, so that nothing is drawn: the same bytes
    /// give the same ciphertext, and no two commitments share a nonce.
    pub(crate) fn seal_once(&self, subject: &Subject, digest: &str, bytes: &[u8]) -> String {
        let drawn = sm3(self.provider.token("posted-nonce", digest).as_bytes());
        let mut nonce = [0; 12];
        nonce.copy_from_slice(&drawn[..12]);
        crypto::seal(&subject.key, nonce, subject.name.as_bytes(), bytes)
    }

    /// Bytes of a file from ciphertext.
    pub fn open_bytes(&self, subject: &Subject, sealed: &str) -> Option<Vec<u8>> {
        crypto::open(&subject.key, subject.name.as_bytes(), sealed).ok()
    }

    /// The token by which a value is found.
    pub fn token(&self, purpose: &str, value: &str) -> String {
        self.provider.token(purpose, value)
    }

    /// The key that searched words go through.
    pub fn words(&self) -> &WordKey {
        &self.words
    }

    /// A token nobody can guess.
    pub fn random_token(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.entropy.bytes::<18>())
    }

    /// A code of four digits.
    pub fn short_code(&self) -> String {
        let n = u32::from_be_bytes(self.entropy.bytes());
        format!("{:04}", n % 10_000)
    }

    /// Random bytes, for salts.
    pub fn salt(&self) -> [u8; 16] {
        self.entropy.bytes()
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), AppError> {
    use std::io::Write;
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(())
}
