//! `xiangyue verify --receipt FILE`: whether published words lead to the day's head. Without data it needs nothing but the
//! file and the head from the wall; with data the head is the one that was published there. It writes nothing.

use crate::cli::Data;
use crate::open::{Place, Said};
use std::path::Path;
use xiangyue_domain::receipt::Receipt;
use xiangyue_store::Pool;

/// Longest receipt that is read.
const LONGEST: u64 = 1 << 20;

/// Exit 0 only where the words lead to a head that was published: the one given, or the one in the data.
pub async fn verify(data: &Data, file: &Path, head: Option<String>) -> Result<(), Said> {
    let name = file.display();
    let size = std::fs::metadata(file).map_err(|e| format!("{name}: {e}"))?.len();
    if size > LONGEST {
        return Err(format!("{name}: 不是凭据"));
    }
    let text = std::fs::read_to_string(file).map_err(|e| format!("{name}: {e}"))?;
    let receipt = Receipt::parse(&text).map_err(|_| format!("{name}: 不是完整的凭据"))?;
    receipt.check().map_err(|_| "凭据里的字和它的摘要对不上:被改过,或不完整".to_owned())?;
    println!("{}\n", receipt.text);
    println!("{} 的摘要 {}", receipt.day, receipt.root);
    if let Some(head) = head {
        let digits: String = head.chars().filter(char::is_ascii_hexdigit).collect();
        if digits.to_ascii_lowercase() != receipt.root {
            return Err("和给出的摘要对不上".to_owned());
        }
        println!("没有被改过:和给出的摘要相符");
        return Ok(());
    }
    if data.data.is_none() && data.database_url.is_none() {
        println!("凭据前后一致。请把上面的摘要和公示单上同一天的逐字比对,或用 --head 给出");
        return Ok(());
    }
    let place = Place::of(data)?;
    if !place.exists() {
        return Err(format!("{} 里没有数据", place.dir.display()));
    }
    let pool = Pool::open(&place.database).await.map_err(|e| e.to_string())?;
    let root = pool.root_of(receipt.realm, receipt.seq).await.map_err(|e| e.to_string())?;
    match root {
        Some(root) if root.root == receipt.root && root.size == receipt.size => {
            println!("没有被改过:和 {} 公布的摘要相符", root.day);
            Ok(())
        }
        Some(root) => Err(format!("和 {} 公布的摘要对不上", root.day)),
        None => Err("当天的摘要还没有公布".to_owned()),
    }
}
