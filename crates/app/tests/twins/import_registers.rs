//! People, posts and earlier values from a spreadsheet.

use crate::import::{imported, upload};
use crate::stage::{COUNTY, FAR_VILLAGE, Stage, TOWN, VILLAGE, refusal, twins};
use xiangyue_app::period::Period;
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::PersonId;

twins!(
    people_and_households_are_entered_once,
    posts_are_given_within_ones_own_rights,
    earlier_values_stand_as_reported,
);

async fn people_and_households_are_entered_once(stage: Stage) {
    let clerk = stage.account("village.clerk", VILLAGE);
    // The headings of the first import of the command line still hold.
    let text = "name,citizen,phone,address,region,household\n\
        赵甲,990101199003071230,13800138000,一组1号,991101100200,H0001\n\
        赵乙,,,,东坡村,H0001\n\
        赵丙,990101199003071231,138,,东坡村,H0002\n\
        赵丁,,,,河湾村,H0009\n\
        赵戊,,,,上塬镇,\n\
        ,,,,东坡村,\n";
    let valid = valid_id();
    let text = text.replace("990101199003071230", &valid);
    let job = upload(&stage, clerk, "people", &text).await;
    let look = stage.app.look_of(&job).await.expect("read");
    let faults: Vec<(String, &str)> = look.faults.iter().map(|f| (f.address(), f.key.as_str())).collect();
    let expected = [
        ("B4", "fault.code.check"),
        ("C4", "fault.code.length"),
        ("E5", "refusal.no_right"),
        ("E6", "import.fault_home"),
        ("A7", "fault.required"),
    ];
    assert_eq!(faults, expected.map(|(a, k)| (a.to_owned(), k)), "{:?}", look.faults);
    let done = imported(&stage, clerk, &job, true).await;
    assert_eq!(done.taken, 2);
    let count = stage.app.pool().count_people(stage.app.realm()).await.expect("counted");
    assert_eq!((count.people, count.households), (2, 1));
    // The same number in another file is the same person, whatever else it says.
    let again = format!("姓名,身份证号,所在村,户号\n赵甲,{valid},东坡村,H0007\n赵己,,东坡村,H0001\n");
    let job = upload(&stage, clerk, "people", &again).await;
    assert_eq!((job.good, job.same), (1, 1));
    imported(&stage, clerk, &job, false).await;
    let count = stage.app.pool().count_people(stage.app.realm()).await.expect("counted");
    assert_eq!((count.people, count.households), (3, 1));
    let regions = [stage.place(VILLAGE).0];
    let people = stage.app.pool().people_of(stage.app.realm(), &regions, 0, 10).await.expect("read");
    assert_eq!(people.iter().map(|(_, house)| house.as_str()).collect::<Vec<_>>(), ["H0001"; 3]);
    let first = people[0].0.id;
    let masked = stage.app.person(clerk, first).await.expect("masked");
    assert!(masked.citizen.contains('*') && masked.name != "赵甲");
    let admin = stage.account("county.admin", COUNTY);
    assert_eq!(stage.app.person(admin, first).await.expect("whole").citizen, valid);
    assert_eq!(
        refusal(stage.app.person(stage.account("village.clerk", FAR_VILLAGE), PersonId(first.0)).await),
        "not_found"
    );
    assert_eq!(
        refusal(stage.app.upload(stage.account("county.duty", COUNTY), "people", "x", b"x".to_vec()).await),
        "no_right"
    );
    stage.sound().await;
}

/// A number whose check digit holds, of a region that was never given out.
pub(crate) fn valid_id() -> String {
    let digits = "99010119900307123";
    let last = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "X"]
        .into_iter()
        .find(|c| xiangyue_domain::code::CitizenId::parse(&format!("{digits}{c}")).is_ok());
    format!("{digits}{}", last.expect("one of them holds"))
}

async fn posts_are_given_within_ones_own_rights(stage: Stage) {
    let admin = stage.account("county.admin", COUNTY);
    let taken = format!("village.clerk-{VILLAGE}");
    let text = format!(
        "姓名,办公电话,登录名,岗位,地方,单位,任职日期,任满日期\n\
         钱甲,0953-6010001,qian.jia,乡镇调度员,上塬镇,,2021年3月1日,\n\
         钱甲,0953-6010001,qian.jia,village.clerk,上塬镇东坡村,,2021-03-01,2022-03-01\n\
         钱乙,,qian.yi,承办单位经办人,,县水务局,,\n\
         钱丙,,钱丙,村文书,东坡村,,,\n\
         钱丁,,qian.ding,村文书,上塬镇,,,\n\
         钱戊,,qian.wu,没有的岗位,东坡村,,,\n\
         钱己,,{taken},村文书,东坡村,,,\n\
         钱庚,12,qian.geng,村文书,东坡村,,2021-03-02,2021-03-01\n\
         钱辛,,qian.xin,承办单位经办人,东坡村,,,\n"
    );
    let job = upload(&stage, admin, "staff", &text).await;
    let look = stage.app.look_of(&job).await.expect("read");
    let mut faults: Vec<(String, &str)> = look.faults.iter().map(|f| (f.address(), f.key.as_str())).collect();
    faults.sort_by_key(|(a, _)| (a[1..].to_owned(), a.clone()));
    let expected = [
        ("F10", "import.fault_seat"),
        ("C5", "fault.login"),
        ("E6", "import.fault_seat_level"),
        ("D7", "import.fault_choice"),
        ("C8", "import.fault_login_of"),
        ("B9", "fault.code.length"),
        ("H9", "import.fault_until"),
    ];
    assert_eq!(faults, expected.map(|(a, k)| (a.to_owned(), k)), "{:?}", look.faults);
    let before = stage.app.directory().accounts.len();
    assert_eq!(imported(&stage, admin, &job, true).await.taken, 3);
    let directory = stage.app.directory();
    assert_eq!(directory.accounts.len(), before + 2, "one person with two posts has one account");
    let account = directory.accounts.values().find(|a| a.login == "qian.jia").expect("opened").clone();
    assert_eq!(directory.posts_of(account.id, stage.app.now().day()).len(), 2);
    assert_eq!(directory.posts_of(account.id, Day::parse("2022-03-02").expect("a day")).len(), 1, "one term runs out");
    let links = stage.app.links_of(admin, &job.id).await.expect("links");
    assert_eq!(links.iter().map(|l| l.login.as_str()).collect::<Vec<_>>(), ["qian.jia", "qian.yi"]);
    stage.app.set_password_by_link(&links[0].token, "long-enough-1").await.expect("set");
    assert_eq!(stage.app.links_of(admin, &job.id).await.expect("links").len(), 1, "who has a password needs no link");
    for (post, seat) in [("county.office", COUNTY), ("town.dispatcher", TOWN)] {
        let by = stage.account(post, seat);
        assert_eq!(refusal(stage.app.upload(by, "staff", "x", b"x".to_vec()).await), "no_right");
    }
    stage.sound().await;
}

async fn earlier_values_stand_as_reported(stage: Stage) {
    let office = stage.account("county.office", COUNTY);
    let text = "指标,地方,时期,数值,填报单位\n\
        report.accepted,高塬县,2019年,\"1,250\",县水务局\n\
        report.accepted,上塬镇,2020-01,30,上塬镇\n\
        report.accepted,上塬镇,2020年2月,31,上塬镇\n\
        report.satisfaction_rate,高塬县,2019,97.72,县水务局\n\
        report.satisfaction_rate,高塬县,2018,197,县水务局\n\
        report.accepted,高塬县,2021,5,县水务局\n\
        没有的数,高塬县,去年,很多,某局\n";
    let job = upload(&stage, office, "reported", text).await;
    let look = stage.app.look_of(&job).await.expect("read");
    let faults: Vec<(String, &str)> = look.faults.iter().map(|f| (f.address(), f.key.as_str())).collect();
    let expected = [
        ("D6", "import.fault_rate"),
        ("C7", "import.fault_not_over"),
        ("A8", "import.fault_choice"),
        ("C8", "import.fault_span"),
        ("D8", "import.fault_number"),
        ("E8", "import.fault_office"),
    ];
    assert_eq!(faults, expected.map(|(a, k)| (a.to_owned(), k)), "{:?}", look.faults);
    assert_eq!(imported(&stage, office, &job, true).await.taken, 4);
    let day = |t: &str| Day::parse(t).expect("a day");
    let period = |from: &str, to: &str| Period::closed(day(from), day(to));
    let (county, town) = (stage.place(COUNTY), stage.place(TOWN));
    let year = period("2019-01-01", "2019-12-31");
    let value = stage.app.reported("report.accepted", county, year).await.expect("read").expect("reported");
    assert_eq!((value.value, value.offices.len(), value.entered), (1250.0, 1, stage.app.now().day()));
    let rate = stage.app.reported("report.satisfaction_rate", county, year).await.expect("read");
    assert_eq!(rate.map(|r| r.value), Some(97.72));
    // The statistics month of this county ends on the 25th.
    let two = period("2019-12-26", "2020-02-25");
    let sum = stage.app.reported("report.accepted", town, two).await.expect("read");
    assert_eq!(sum.map(|s| s.value), Some(61.0));
    assert_eq!(stage.app.reported("report.accepted", town, year).await.expect("read"), None);
    // A later report of the same period takes the place of the earlier one.
    let later = "指标,地方,时期,数值,填报单位\nreport.accepted,高塬县,2019,1260,县公安局\n";
    let job = upload(&stage, office, "reported", later).await;
    imported(&stage, office, &job, false).await;
    let value = stage.app.reported("report.accepted", county, year).await.expect("read").expect("reported");
    assert_eq!(value.value, 1260.0);
    assert_eq!(
        refusal(stage.app.upload(stage.account("county.duty", COUNTY), "reported", "x", b"x".to_vec()).await),
        "no_right"
    );
    stage.sound().await;
}
