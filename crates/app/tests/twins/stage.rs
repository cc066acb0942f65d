//! A county on a database of its own: the test pack, one person at every post, and a clock set by hand.

use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use xiangyue_app::matter::{MoveForm, OpenForm, Receipt, Typed};
use xiangyue_app::setup::NewStaff;
use xiangyue_app::{App, AppError, AppOptions, Clock, Outcome, rebuild};
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::ids::{AccountId, MatterId, RegionId};
use xiangyue_domain::matter::{Matter, Who};
use xiangyue_domain::policy::{Level, Policy};
use xiangyue_domain::register::Holder;
use xiangyue_pack::{Loaded, PackFiles, load};
use xiangyue_store::{Arg, Pool, Scope};

pub const COUNTY: &str = "991101000000";
pub const TOWN: &str = "991101100000";
pub const OTHER_TOWN: &str = "991101101000";
pub const VILLAGE: &str = "991101100200";
pub const SIBLING: &str = "991101100201";
pub const FAR_VILLAGE: &str = "991101101200";
pub const GRID: &str = "9911011002001001";
pub const WATER: &str = "unit.water";

static PACK: LazyLock<Loaded> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pack/tests/packs/heights");
    PackFiles::at(&path).and_then(load).expect("the test pack holds")
});

/// A county under test.
pub struct Stage {
    pub app: App,
    pub clock: Clock,
    pub url: String,
    policy: Policy,
    dir: tempfile::TempDir,
}

pub async fn sqlite(tweak: fn(&mut Policy)) -> Option<Stage> {
    let dir = tempfile::tempdir().expect("a folder");
    let url = dir.path().join("x.db").display().to_string();
    Some(Stage::begun(url, dir, tweak).await)
}

pub async fn postgres(tweak: fn(&mut Policy)) -> Option<Stage> {
    let url = crate::postgres::database()?;
    Some(Stage::begun(url, tempfile::tempdir().expect("a folder"), tweak).await)
}

/// Makes of each body two tests, one on each database; `with` changes the pack first.
macro_rules! twins {
    ($($name:ident $(with $tweak:ident)?),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                #[allow(unused_mut, unused_assignments, clippy::allow_attributes)]
                let mut tweak: fn(&mut xiangyue_domain::policy::Policy) = |_| {};
                $(tweak = super::$tweak;)?
                super::$name(crate::stage::sqlite(tweak).await.expect("SQLite is always there")).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                #[allow(unused_mut, unused_assignments, clippy::allow_attributes)]
                let mut tweak: fn(&mut xiangyue_domain::policy::Policy) = |_| {};
                $(tweak = super::$tweak;)?
                if let Some(stage) = crate::stage::postgres(tweak).await {
                    super::$name(stage).await;
                }
            })+
        }
    };
}
pub(crate) use twins;

pub fn day(month: i8, day: i8) -> Day {
    Day::ymd(2021, month, day).expect("a day")
}

async fn opened(url: &str, dir: &Path, clock: &Clock, policy: &Policy) -> App {
    let options = AppOptions {
        database: url.to_owned(),
        files: dir.join("files"),
        key_file: dir.join("keys/master.key"),
        clock: clock.clone(),
        seed: None,
    };
    App::open(options, policy.clone()).await.expect("it opens")
}

impl Stage {
    async fn begun(url: String, dir: tempfile::TempDir, tweak: fn(&mut Policy)) -> Stage {
        let mut loaded = PACK.clone();
        tweak(&mut loaded.policy);
        // A Monday morning in a working week.
        let clock = Clock::fixed(day(3, 1).at_minute(9 * 60 + 30));
        let app = opened(&url, dir.path(), &clock, &loaded.policy).await;
        app.install(clock.now(), &loaded).await.expect("the pack is installed");
        let stage = Stage { app, clock, url, policy: loaded.policy, dir };
        stage.staff().await;
        stage
    }

    /// One person at every post, and at two of the units.
    async fn staff(&self) {
        let (directory, now) = (self.app.directory(), self.app.now());
        let mut staff = Vec::new();
        for post in &self.policy.posts {
            let mut seats: Vec<(i64, String)> = Vec::new();
            if post.unit {
                let units = ["unit.water", "unit.police"].into_iter().filter_map(|u| directory.unit(u));
                seats.extend(units.map(|o| (o.id.0, o.unit.clone())));
            } else {
                let regions = directory.tree.of_level(post.level, now.day());
                seats.extend(regions.into_iter().map(|r| (r.0, directory.tree.code(r, now.day()).to_owned())));
            }
            for (seat, code) in seats {
                staff.push(NewStaff {
                    login: format!("{}-{code}", post.id),
                    name: format!("{}甲", post.name),
                    phone: String::new(),
                    posts: vec![Holder { post: post.id.clone(), seat }],
                    demo: false,
                });
            }
        }
        self.app.add_staff(now, staff, Day(0)).await.expect("they are appointed");
    }

    /// The same data opened again, as after a restart. The old one is closed.
    pub async fn again(self) -> Stage {
        self.app.pool().close().await;
        let app = opened(&self.url, self.dir.path(), &self.clock, &self.policy).await;
        Stage { app, ..self }
    }

    /// Another version of the pack comes into force, and what is under way follows it.
    pub async fn change(&mut self, tweak: impl FnOnce(&mut Policy)) {
        tweak(&mut self.policy);
        self.policy.hash = format!("{:.32}+{}", self.policy.hash, self.app.now().0);
        let loaded = Loaded { policy: self.policy.clone(), ..PACK.clone() };
        self.app.install(self.app.now(), &loaded).await.expect("the pack is installed");
        self.app.catch_up().await.expect("what is under way follows");
    }

    /// A second process on the same data.
    pub async fn beside(&self) -> App {
        opened(&self.url, self.dir.path(), &self.clock, &self.policy).await
    }

    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    pub fn place(&self, code: &str) -> RegionId {
        self.app.directory().tree.by_code(code, self.app.now().day()).expect("a region of the pack").id
    }

    pub fn holder(&self, post: &str, seat: &str) -> Holder {
        let seat = self.app.directory().unit(seat).map_or_else(|| self.place(seat).0, |o| o.id.0);
        Holder { post: post.into(), seat }
    }

    pub fn account(&self, post: &str, seat: &str) -> AccountId {
        let login = format!("{post}-{seat}");
        self.app.directory().accounts.values().find(|a| a.login == login).expect("somebody holds it").id
    }

    /// Whoever holds a post now.
    pub fn holding(&self, post: &str, seat: RegionId) -> AccountId {
        let (directory, day) = (self.app.directory(), self.app.now().day());
        let holder = Holder { post: post.into(), seat: seat.0 };
        directory.holders_of(&holder, day).first().expect("somebody holds it").id
    }

    pub fn who(&self, post: &str, seat: &str) -> Who {
        Who::Account { account: self.account(post, seat), post: Some(self.holder(post, seat)) }
    }

    pub fn set(&self, at: Time) {
        self.clock.set(at);
    }

    pub fn wait_hours(&self, hours: i64) {
        self.clock.set(self.clock.now().plus_ms(hours * 3_600_000));
    }

    /// A form as somebody would fill it in, under a key of its own.
    pub async fn open(&self, by: Who, kind: &str, place: &str, typed: &[(&str, &str)]) -> Receipt {
        let form =
            OpenForm { kind: kind.into(), place: self.place(place), typed: filled(typed), ..OpenForm::default() };
        self.open_form(by, form).await.expect("it is taken in")
    }

    pub async fn open_form(&self, by: Who, form: OpenForm) -> Result<Receipt, AppError> {
        static KEYS: AtomicU32 = AtomicU32::new(1);
        let key = format!("form/{}", KEYS.fetch_add(1, Ordering::SeqCst));
        self.app.open_matter(by, form, &key).await
    }

    /// A villager's report.
    pub async fn report(&self, place: &str, category: &str) -> Receipt {
        self.open(Who::Reporter, "report", place, &[("category", category)]).await
    }

    pub async fn go(&self, by: AccountId, id: MatterId, mv: &str, typed: &[(&str, &str)]) -> Result<Outcome, AppError> {
        let form = MoveForm { mv: mv.into(), typed: filled(typed), ..MoveForm::default() };
        self.app.make_move(by, id, form, None).await
    }

    /// The matter as it stands, whoever may see it.
    pub async fn matter(&self, id: MatterId) -> Matter {
        let found = self.app.pool().find_matter(self.app.realm(), &Scope::system(), id).await.expect("read");
        found.expect("it is there")
    }

    pub async fn head(&self) -> i64 {
        self.app.pool().head(self.app.realm()).await.expect("read").unwrap_or_default().seq
    }

    /// The chain holds and a replay gives what is stored.
    pub async fn sound(&self) {
        assert_eq!(self.verify().await, None);
        assert_eq!(self.app.check_rebuild().await.expect("checked").fault, None);
    }

    pub async fn verify(&self) -> Option<String> {
        rebuild::verify(self.app.pool(), self.app.realm()).await.expect("walked").fault
    }

    /// Regions of a level.
    pub fn all(&self, level: Level) -> Vec<RegionId> {
        self.app.directory().tree.of_level(level, self.app.now().day())
    }
}

pub fn filled(typed: &[(&str, &str)]) -> Typed {
    typed.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

/// What a use case refused with; anything else is a fault of the test.
pub fn refusal<T: std::fmt::Debug>(answer: Result<T, AppError>) -> String {
    match answer.expect_err("refused") {
        AppError::Refused(refusal) => refusal.key,
        AppError::NotFound => "not_found".to_owned(),
        other => panic!("{other}"),
    }
}

/// Writes past the use cases, as somebody with the database in hand would.
pub async fn by_hand(pool: &Pool, sql: &str, args: &[Arg]) -> u64 {
    let mut tx = pool.begin().await.expect("a transaction");
    // The store takes texts of the program alone; a test may make up its own.
    let touched = tx.exec(Box::leak(sql.to_owned().into_boxed_str()), args).await.expect("written");
    tx.commit().await.expect("durable");
    touched
}
