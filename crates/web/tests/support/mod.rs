//! A county for tests: the small pack `heights` (or any other) in a folder of its own, its clock standing still, every
//! post held by a demo account, and the router called without a network. Every test opens its own house.
#![allow(dead_code, unused_imports, reason = "each test file uses its own part of the house")]

pub mod asked;
mod page;
pub mod reporting;
pub mod villager;
mod visitor;
pub mod workbook;

pub use page::{Part, Sheet};
pub use visitor::{Visitor, encoded};

use axum::Router;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use xiangyue_app::setup::NewStaff;
use xiangyue_app::{App, AppOptions, Clock};
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::ids::AccountId;
use xiangyue_domain::policy::Level;
use xiangyue_domain::register::Holder;
use xiangyue_pack::{Loaded, PackFiles, load};
use xiangyue_web::{Ready, Web, WebOptions};

/// The small pack: 高塬县 with two towns, three villages and four grids.
pub const HEIGHTS: &str = "../pack/tests/packs/heights";
/// The county of the demo.
pub const YANCHI: &str = "../../packs/yanchi";
/// 东坡村 of 上塬镇 in `heights`.
pub const VILLAGE: &str = "991101100200";
/// 西坡村, of the same town.
pub const SIBLING: &str = "991101100201";
/// 河湾村 of the other town.
pub const ELSEWHERE: &str = "991101101200";

/// A running county.
pub struct House {
    /// The application.
    pub app: App,
    /// The pack.
    pub loaded: Arc<Loaded>,
    /// The pages.
    pub web: Web,
    router: Router,
    _dir: TempDir,
}

/// Tuesday, 3 November 2026, 10:00: within office hours.
pub fn morning() -> Time {
    Day::ymd(2026, 11, 3).expect("a day").at_minute(600)
}

impl House {
    /// The small county with every post held, as `serve` opens it.
    pub async fn open() -> House {
        House::of(HEIGHTS, WebOptions::default()).await
    }

    /// The small county as `demo` opens it.
    pub async fn demo() -> House {
        House::of(HEIGHTS, WebOptions { demo_cards: true, ..WebOptions::default() }).await
    }

    /// A move made on a matter's page by whoever holds a post.
    pub async fn make(&self, post: &str, seat: &str, id: &str, mv: &str, fields: &[(&str, &str)]) {
        let mut visitor = self.signed_in(post, seat).await;
        let page = format!("/desk/matters/{id}");
        visitor.send(&page, &format!("{page}/moves/{mv}"), fields).await.is(303);
    }

    /// Any pack, by its folder beside this crate.
    pub async fn of(pack: &str, options: WebOptions) -> House {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(pack);
        let loaded = PackFiles::at(&folder).and_then(load).expect("the pack holds");
        let open = AppOptions {
            database: dir.path().join("house.db").display().to_string(),
            files: dir.path().join("files"),
            key_file: dir.path().join("master.key"),
            clock: Clock::fixed(morning()),
            seed: Some(7),
        };
        let app = App::open(open, loaded.policy.clone()).await.expect("a database");
        app.install(morning(), &loaded).await.expect("the pack is in force");
        let loaded = Arc::new(loaded);
        let demo = options.demo_cards.then(|| (morning().day().plus_months(-17), morning().day()));
        let web = Web::new(options, &loaded.policy.county);
        web.set_ready(Ready { app: app.clone(), loaded: Arc::clone(&loaded), demo });
        let house = House { router: web.router(), app, loaded, web, _dir: dir };
        house.staff().await;
        house
    }

    /// Gives every post at every place of its level, and at the first units, to an account of its own. It signs in
    /// as `post@code`, or `post@unit`.
    async fn staff(&self) {
        let (directory, policy, day) = (self.app.directory(), self.app.policy(), morning().day());
        let mut staff = Vec::new();
        for post in &policy.posts {
            let seats: Vec<(i64, String)> = if post.unit {
                directory.orgs.values().take(4).map(|o| (o.id.0, o.unit.clone())).collect()
            } else {
                let of_level = directory.tree.of_level(post.level, day);
                // Of a large county a few are enough.
                let some = if post.level == Level::Grid { 60 } else { 200 };
                of_level.into_iter().take(some).map(|r| (r.0, directory.tree.code(r, day).to_owned())).collect()
            };
            for (n, (seat, code)) in (0..).zip(seats) {
                staff.push(NewStaff {
                    login: format!("{}@{code}", post.id),
                    name: format!("{}{n}", post.name),
                    phone: format!("0999-80{:05}", staff.len()),
                    posts: vec![Holder { post: post.id.clone(), seat }],
                    demo: true,
                });
            }
        }
        let from = day.plus(-400);
        self.app.add_staff(morning(), staff, from).await.expect("posts are given");
    }

    /// Sets the clock and lets it do its work.
    pub async fn at(&self, time: Time) {
        self.app.clock().set(time);
        self.app.sweep(time).await.expect("the clock does its work");
    }

    /// The account that holds a post: `account("village.secretary", VILLAGE)`.
    pub fn account(&self, post: &str, seat: &str) -> AccountId {
        let login = format!("{post}@{seat}");
        let found = self.app.directory().accounts.values().find(|a| a.login == login).map(|a| a.id);
        found.unwrap_or_else(|| panic!("nobody signs in as {login}"))
    }

    /// Someone who has not signed in, from an address of the internet.
    pub fn villager(&self) -> Visitor {
        Visitor::new(self.router.clone(), [203, 0, 113, 9])
    }

    /// Someone who has not signed in, on this very machine.
    pub fn neighbour(&self) -> Visitor {
        Visitor::new(self.router.clone(), [127, 0, 0, 1])
    }

    /// Someone signed in under a post: `staff("village.secretary", VILLAGE)`.
    pub async fn signed_in(&self, post: &str, seat: &str) -> Visitor {
        let session = self.app.begin_session(self.account(post, seat)).await.expect("a session");
        let (_, csrf) = self.app.session(&session.token).await.expect("a database").expect("a session");
        let mut visitor = self.villager();
        visitor.set_cookie("xy_session", &session.token);
        visitor.csrf = csrf;
        visitor
    }
}
