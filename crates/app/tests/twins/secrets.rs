//! What can name a person stands nowhere as plain text, and is gone once its key is.

use crate::stage::{COUNTY, Stage, VILLAGE, by_hand, filled, refusal, twins};
use std::path::Path;
use xiangyue_app::matter::OpenForm;
use xiangyue_app::view::Sight;
use xiangyue_domain::matter::Who;
use xiangyue_store::Pool;

twins!(no_word_of_a_person_stands_in_the_database, a_destroyed_key_erases_and_the_chain_still_holds);

const NAME: &str = "隰九娘";
const PHONE: &str = "13912345678";
const WORDS: &str = "隔壁院墙倒进我家了";
const ADDRESS: &str = "崾崄沟三组七号";
const REPLY: &str = "已与邻居说好重砌";
const REASON: &str = "三组的事转给别人";
const SECRETS: [&str; 6] = [NAME, PHONE, WORDS, ADDRESS, REPLY, REASON];

async fn told(stage: &Stage) -> xiangyue_app::matter::Receipt {
    let typed = [
        ("category", "lamp"),
        ("words", WORDS),
        ("spot", ADDRESS),
        ("reporter_name", NAME),
        ("reporter_phone", PHONE),
        ("reporter_address", ADDRESS),
    ];
    let form =
        OpenForm { kind: "report".into(), place: stage.place(VILLAGE), typed: filled(&typed), ..OpenForm::default() };
    let receipt = stage.open_form(Who::Reporter, form).await.expect("taken in");
    let secretary = stage.account("village.secretary", VILLAGE);
    stage.go(secretary, receipt.matter, "solve", &[("reply", REPLY), ("note", REASON)]).await.expect("solved");
    let desk = stage.account("county.dispatcher", COUNTY);
    let place = stage.place(VILLAGE);
    stage
        .app
        .correct(desk, receipt.matter, place, filled(&[("category", "road")]), REASON, None)
        .await
        .expect("corrected");
    stage.app.search(desk, NAME).await.expect("searched");
    let matter = stage.matter(receipt.matter).await;
    stage.app.unmask(stage.account("county.office", COUNTY), matter, "核实").await.expect("looked");
    stage.app.deliver().await.expect("delivered");
    receipt
}

/// Every text of every table.
pub(crate) async fn texts(pool: &Pool) -> Vec<(String, String)> {
    let sql = if pool.is_shared() {
        "select table_name::text, column_name::text from information_schema.columns
         where table_schema = 'public' and data_type = 'text'"
    } else {
        "select m.name, c.name from sqlite_schema m join pragma_table_info(m.name) c
         where m.type = 'table' and lower(c.type) = 'text'"
    };
    let mut out = Vec::new();
    for column in pool.rows(sql, &[]).await.expect("the catalogue") {
        let (table, name) = (column.text(0), column.text(1));
        let sql: &'static str = Box::leak(format!("select \"{name}\" from {table}").into_boxed_str());
        for row in pool.rows(sql, &[]).await.expect("a table") {
            out.push((format!("{table}.{name}"), row.text(0).to_owned()));
        }
    }
    out
}

/// Files of the data folder, but for the keys.
fn files(dir: &Path, out: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(dir).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, out);
        } else {
            out.push((path.display().to_string(), std::fs::read(&path).unwrap_or_default()));
        }
    }
}

async fn no_word_of_a_person_stands_in_the_database(stage: Stage) {
    let receipt = told(&stage).await;
    let all = texts(stage.app.pool()).await;
    assert!(
        all.iter().any(|(c, t)| c == "matter.state" && t.contains(&receipt.number)),
        "the search looks at what there is"
    );
    for (column, text) in &all {
        // JSON may write a character as its number.
        let plain: String = serde_json::from_str(&format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
            .unwrap_or_default();
        for secret in SECRETS {
            let escaped: String = secret.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
            assert!(
                !text.contains(secret) && !plain.contains(secret) && !text.contains(&escaped),
                "{secret} stands in {column}"
            );
        }
        assert!(!text.contains(&receipt.token) && *text != receipt.code, "the receipt stands in {column}");
    }
    let mut stored = Vec::new();
    files(stage.folder(), &mut stored);
    for (path, bytes) in stored {
        for secret in SECRETS {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{secret} stands in {path}");
        }
    }
}

async fn a_destroyed_key_erases_and_the_chain_still_holds(stage: Stage) {
    let receipt = told(&stage).await;
    let other = stage.report(VILLAGE, "lamp").await;
    let matter = stage.matter(receipt.matter).await;
    let sql = "delete from subject_key where realm = $1 and key = $2";
    assert_eq!(by_hand(stage.app.pool(), sql, &[stage.app.realm().into(), matter.key.as_str().into()]).await, 1);
    let stage = stage.again().await;
    let secretary = stage.account("village.secretary", VILLAGE);
    let opened = stage.app.open_for(secretary, matter.clone()).await.expect("opened");
    assert!(opened.erased && opened.reporter.is_empty() && opened.texts.is_empty());
    assert!(opened.lines.iter().all(|l| l.texts.is_empty()));
    assert_eq!(opened.lines.len(), matter.trail.len(), "what happened is still told");
    let followed = stage.app.follow(&receipt.token).await.expect("followed");
    assert!(followed.said.erased && followed.said.sight == Sight::None);
    assert!(stage.app.titles(std::slice::from_ref(&matter)).await.expect("titles").is_empty());
    assert_eq!(
        refusal(stage.app.void(stage.account("county.dispatcher", COUNTY), matter.id, "x", None).await),
        "erased"
    );
    let untouched = stage.matter(other.matter).await;
    assert!(!stage.app.open_for(secretary, untouched).await.expect("opened").erased);
    stage.sound().await;
}
