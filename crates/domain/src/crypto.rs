//! SM3 hashes, keyed tokens and SM4-GCM sealing of personal fields (GB/T 32905-2016, GB/T 32907-2016, RFC 8998).
//! Must never draw a random number (keys and nonces are arguments), and never print a key or a plain text.

use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{AesGcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sm3::{Digest, Sm3};
use std::fmt;

type Sm4Gcm = AesGcm<sm4::Sm4, U12>;

/// Bytes of an SM3 block; a longer HMAC key is hashed first (RFC 2104).
const BLOCK: usize = 64;
/// Bytes of a GCM nonce.
const NONCE: usize = 12;
/// Bytes of a GCM tag.
const TAG: usize = 16;
/// Bound into every wrapped key, so that a sealed field can never be passed off as a key.
const WRAP_AAD: &[u8] = b"xiangyue:subject-key";

/// SM3 of some bytes.
pub fn sm3(data: &[u8]) -> [u8; 32] {
    Sm3::digest(data).into()
}

/// SM3 as 64 lower-case hexadecimal digits.
pub fn sm3_hex(data: &[u8]) -> String {
    hex(&sm3(data))
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]).collect()
}

/// HMAC-SM3 (RFC 2104 over SM3); a key of any length is fine.
pub fn hmac_sm3(key: &[u8], data: &[u8]) -> [u8; 32] {
    // Padding the key to a whole block here is what HMAC does anyway, and leaves no error to handle.
    let mut block = [0u8; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&sm3(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let mut mac = <Hmac<Sm3> as KeyInit>::new(&block.into());
    mac.update(data);
    mac.finalize().into_bytes().into()
}

/// Hash of a list of fields: SM3 over, for each field, its length as 8 big-endian bytes, then its bytes.
/// The lengths keep two different lists from ever having the same bytes.
pub fn chain_hash(fields: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sm3::new();
    for field in fields {
        let length = u64::try_from(field.len()).unwrap_or(u64::MAX);
        hash.update(length.to_be_bytes());
        hash.update(field);
    }
    hash.finalize().into()
}

/// Why a sealed text did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealFault {
    /// The text is not base64url, or too short to hold a nonce and a tag.
    #[error("not a sealed text: base64url of nonce, ciphertext and tag expected")]
    Shape,
    /// The tag does not fit: another key, other associated data, or altered bytes.
    #[error("the sealed text was altered, or belongs to another key or place")]
    Rejected,
    /// It opened, but holds no key of 16 bytes.
    #[error("the wrapped key is not 16 bytes long")]
    KeyLength,
}

impl SealFault {
    /// Key of the message in the locales.
    pub fn key(&self) -> &'static str {
        match self {
            SealFault::Shape => "seal.shape",
            SealFault::Rejected => "seal.rejected",
            SealFault::KeyLength => "seal.key_length",
        }
    }
}

/// An SM4 key of 16 bytes; its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Key([u8; 16]);

impl Key {
    /// From 16 random bytes drawn by the caller.
    pub fn from_bytes(bytes: [u8; 16]) -> Key {
        Key(bytes)
    }

    fn cipher(&self) -> Sm4Gcm {
        Sm4Gcm::new(&self.0.into())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(hidden)")
    }
}

/// Seals bytes with SM4-GCM: base64url without padding of nonce, ciphertext and tag.
/// `aad` names the place (table, column, row), so that a sealed text moved elsewhere does not open.
/// A nonce must never be used twice with one key. Beyond GCM's limit of 64 GiB the result is the empty
/// text, which `open` refuses.
pub fn seal(key: &Key, nonce: [u8; 12], aad: &[u8], plain: &[u8]) -> String {
    let payload = Payload { msg: plain, aad };
    let Ok(sealed) = key.cipher().encrypt(&Nonce::from(nonce), payload) else {
        return String::new();
    };
    let mut bytes = Vec::with_capacity(NONCE + sealed.len());
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(&sealed);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Opens what [`seal`] made with the same key and `aad`.
pub fn open(key: &Key, aad: &[u8], text: &str) -> Result<Vec<u8>, SealFault> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| SealFault::Shape)?;
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE>().ok_or(SealFault::Shape)?;
    if sealed.len() < TAG {
        return Err(SealFault::Shape);
    }
    let payload = Payload { msg: sealed, aad };
    key.cipher().decrypt(&Nonce::from(*nonce), payload).map_err(|_| SealFault::Rejected)
}

/// Where the master secret lives: in this process, or behind a certified module (GB/T 39786-2021).
pub trait KeyProvider: Send + Sync {
    /// Seals the key of one subject; forgetting the result erases all that subject's fields.
    fn wrap(&self, subject_key: &Key, nonce: [u8; 12]) -> String;
    /// Opens a wrapped key.
    fn unwrap(&self, wrapped: &str) -> Result<Key, SealFault>;
    /// Keyed token by which a sealed value (a phone, a name) is found again: HMAC-SM3 under a key of its
    /// purpose, first 16 bytes, base64url (22 characters). The caller normalises the value first.
    fn token(&self, purpose: &str, value: &str) -> String;
}

/// The software provider: a master secret of 32 bytes held in memory.
#[derive(Clone)]
pub struct MasterKey {
    wrapping: Key,
    tokens: [u8; 16],
}

impl MasterKey {
    /// From 32 random bytes: the first 16 wrap keys, the last 16 are the root of the token keys.
    pub fn from_bytes(bytes: [u8; 32]) -> MasterKey {
        let mut wrapping = [0u8; 16];
        let mut tokens = [0u8; 16];
        wrapping.copy_from_slice(&bytes[..16]);
        tokens.copy_from_slice(&bytes[16..]);
        MasterKey { wrapping: Key(wrapping), tokens }
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(hidden)")
    }
}

impl KeyProvider for MasterKey {
    fn wrap(&self, subject_key: &Key, nonce: [u8; 12]) -> String {
        seal(&self.wrapping, nonce, WRAP_AAD, &subject_key.0)
    }

    fn unwrap(&self, wrapped: &str) -> Result<Key, SealFault> {
        let bytes = open(&self.wrapping, WRAP_AAD, wrapped)?;
        let bytes: [u8; 16] = bytes.try_into().map_err(|_| SealFault::KeyLength)?;
        Ok(Key(bytes))
    }

    fn token(&self, purpose: &str, value: &str) -> String {
        // A key per purpose: the token of a phone says nothing about the token of the same digits elsewhere.
        let key = hmac_sm3(&self.tokens, purpose.as_bytes());
        URL_SAFE_NO_PAD.encode(&hmac_sm3(&key, value.as_bytes())[..16])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
    }

    #[test]
    fn sm3_gives_the_standard_vector() {
        assert_eq!(sm3_hex(b"abc"), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
        let twice = chain_hash(&[b"ab", b"c"]);
        assert_eq!(twice, sm3(b"\0\0\0\0\0\0\0\x02ab\0\0\0\0\0\0\0\x01c"));
        assert_ne!(twice, chain_hash(&[b"a", b"bc"]));
    }

    #[test]
    fn hmac_follows_its_definition_for_short_and_long_keys() {
        for key in [&b""[..], b"key", &[7u8; 64], &[7u8; 65], &[7u8; 200]] {
            let mut block = if key.len() > 64 { sm3(key).to_vec() } else { key.to_vec() };
            block.resize(64, 0);
            let mut inner: Vec<u8> = block.iter().map(|b| b ^ 0x36).collect();
            inner.extend_from_slice(b"data");
            let mut outer: Vec<u8> = block.iter().map(|b| b ^ 0x5c).collect();
            outer.extend_from_slice(&sm3(&inner));
            assert_eq!(hmac_sm3(key, b"data"), sm3(&outer));
        }
    }

    #[test]
    fn sealing_gives_the_vector_of_rfc_8998() {
        let key = Key::from_bytes(bytes("0123456789abcdeffedcba9876543210").try_into().unwrap());
        let nonce = bytes("00001234567800000000abcd").try_into().unwrap();
        let aad = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let plain = bytes(concat!(
            "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd",
            "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
        ));
        let expected = bytes(concat!(
            "00001234567800000000abcd",
            "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735",
            "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d",
            "83de3541e4c2b58177e065a9bf7b62ec",
        ));
        let sealed = seal(&key, nonce, &aad, &plain);
        assert_eq!(sealed, URL_SAFE_NO_PAD.encode(expected));
        assert_eq!(open(&key, &aad, &sealed), Ok(plain));
    }

    #[test]
    fn a_wrapped_key_comes_back_and_nothing_prints_it() {
        let master = MasterKey::from_bytes([9; 32]);
        let subject = Key::from_bytes([77; 16]);
        let wrapped = master.wrap(&subject, [1; 12]);
        assert_eq!(KeyProvider::unwrap(&master, &wrapped).unwrap().0, subject.0);
        assert_eq!(KeyProvider::unwrap(&master, "????").unwrap_err(), SealFault::Shape);
        let short = seal(&master.wrapping, [2; 12], WRAP_AAD, b"short");
        assert_eq!(KeyProvider::unwrap(&master, &short).unwrap_err(), SealFault::KeyLength);
        let field = seal(&master.wrapping, [3; 12], b"field", &[5; 16]);
        assert_eq!(KeyProvider::unwrap(&master, &field).unwrap_err(), SealFault::Rejected);
        assert_eq!(format!("{subject:?} {master:?}"), "Key(hidden) MasterKey(hidden)");
    }

    #[test]
    fn tokens_differ_by_purpose_and_by_master() {
        let master = MasterKey::from_bytes([9; 32]);
        let token = master.token("phone", "13800138000");
        assert_eq!(token.len(), 22);
        assert_eq!(token, master.token("phone", "13800138000"));
        assert_ne!(token, master.token("name", "13800138000"));
        assert_ne!(token, MasterKey::from_bytes([8; 32]).token("phone", "13800138000"));
    }

    proptest! {
        #[test]
        fn any_altered_byte_is_noticed(plain in proptest::collection::vec(any::<u8>(), 0..80), at in 0usize..200, bit in 0u8..8) {
            let key = Key::from_bytes([3; 16]);
            let sealed = seal(&key, [4; 12], b"place", &plain);
            prop_assert_eq!(open(&key, b"place", &sealed), Ok(plain));
            prop_assert_eq!(open(&key, b"elsewhere", &sealed), Err(SealFault::Rejected));
            prop_assert_eq!(open(&Key::from_bytes([5; 16]), b"place", &sealed), Err(SealFault::Rejected));
            let mut raw = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
            let at = at % raw.len();
            raw[at] ^= 1 << bit;
            prop_assert_eq!(open(&key, b"place", &URL_SAFE_NO_PAD.encode(raw)), Err(SealFault::Rejected));
        }

        #[test]
        fn opening_junk_never_panics(text in ".{0,60}") {
            let opened = open(&Key::from_bytes([3; 16]), b"", &text);
            prop_assert!(opened.is_err());
        }
    }
}
