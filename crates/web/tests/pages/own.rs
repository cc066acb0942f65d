//! Payments to cards as people meet them: a sheet is taken in by the township, a household sees its own without signing
//! in, and nothing of it is on any public page or in any address.

use crate::support::{House, Part, VILLAGE};

const TOWN: &str = "991101100000";
const CARD: &str = "6217009876543210123";

#[tokio::test]
async fn a_household_sees_its_own_payments() {
    let house = House::open().await;
    let mut town = house.signed_in("town.dispatcher", TOWN).await;
    let text = format!(
        "批次流水号,所在村,补贴项目,姓名,卡号,金额,发放日期\n\
         B-1,上塬镇东坡村,耕地地力保护补贴,王甲一,{CARD},1036.40,2026-11-10\n\
         B-2,上塬镇东坡村,耕地地力保护补贴,李乙二,6217000000000999888,88,2026-11-10\n\
         B-3,上塬镇东坡村,没有的补贴,王甲一,{CARD},一百,2026-11-10\n"
    );
    let csrf = town.csrf.clone();
    let file = Part::File("file", "发放.csv", text.as_bytes());
    let sent = town.upload("/desk/import", &[Part::Field("csrf", &csrf), Part::Field("sheet", "card-in"), file]).await;
    let at = sent.to().to_owned();
    town.settled(&at).await.says(&["C4", "F4", "只导入无误的行（2 行）"]);
    town.post(&format!("{at}/run"), &[("only_good", "true")]).await.is(303);
    town.settled(&at).await.says(&["新收 2 行"]);
    let own = format!("/v/{VILLAGE}/own");
    let mut villager = house.villager();
    villager.get(&format!("/v/{VILLAGE}")).await.is(200).says(&["一卡通查询", &own]);
    villager.get(&own).await.is(200).says(&["卡号的后6位", "只能查自己的"]);
    let found = villager.post(&own, &[("name", "王甲一"), ("number", "210123")]).await;
    let found = found.is(200);
    found.says(&["耕地地力保护补贴", "1036.40", "2026-11-10"]);
    assert!(!found.has(CARD) && !found.has("李乙二") && !found.has("88元"), "{}", found.text);
    let wrong = villager.post(&own, &[("name", "李乙二"), ("number", "210123")]).await;
    assert_eq!(wrong.status.as_u16(), 422);
    wrong.says(&["没有查到"]);
    let nobody = villager.post(&own, &[("name", ""), ("number", "")]).await;
    assert_eq!(nobody.status.as_u16(), 422);
    // Nothing of it is public.
    for page in ["", "/open", "/open/feed", "/points", "/decisions"] {
        let page = villager.get(&format!("/v/{VILLAGE}{page}")).await.is(200);
        assert!(!page.has("王甲一") && !page.has("1036"), "{}", page.text);
    }
    // A blank in the name is no other name: tries are counted for the person.
    let mut last = 0;
    for n in 0..12u8 {
        let spelt: String = "王甲一"
            .chars()
            .enumerate()
            .map(|(i, c)| format!("{}{c}", if n >> i & 1 == 1 { "　" } else { "" }))
            .collect();
        let mut elsewhere = house.villager().at([127, 0, 1, n + 1]);
        last = elsewhere.post(&own, &[("name", &spelt), ("number", "000000")]).await.status.as_u16();
    }
    assert_eq!(last, 429);
}
