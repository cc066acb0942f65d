//! The desk: where village, township and county staff work. Every handler here takes a [`Staff`] visit, so nobody
//! reaches one without signing in, and reads only through the account's scope.

mod act;
mod alike;
mod bulk;
mod disclosure;
mod export;
mod import;
pub(crate) mod intake;
mod kin;
mod list;
mod matter;
mod mend;
mod moves;
mod notices;
mod papers;
mod people;
mod place;
mod points;
mod print;
mod propose;
mod saved;
pub(crate) mod shell;
mod shop;
mod stand;
mod story;
mod worklist;

pub(crate) use act::{correct, make_move, merge, unmask, void};
pub(crate) use alike::{join_in, look_alike, part};
pub(crate) use bulk::bulk;
pub(crate) use disclosure::disclosure;
pub(crate) use export::{export, export_file, export_mark, export_ready, make_export, one_file};
pub(crate) use import::{blank, corrected, drop_import, import_job, links, match_columns, run, start, upload};
pub(crate) use intake::{intake, intake_choose, take_in};
pub(crate) use list::{matters, matters_xlsx};
pub(crate) use matter::{file, matter};
pub(crate) use moves::{Again, field};
pub(crate) use notices::{notices, read_notices};
pub(crate) use papers::paper;
pub(crate) use people::{end_post, give_post, people};
pub(crate) use place::place;
pub(crate) use points::{add_party, passbooks, points, serves};
pub(crate) use print::{matter_print, print_some};
pub(crate) use saved::{drop_filter, save_filter};
pub(crate) use shop::{deed, shop};
pub(crate) use stand::{reset_password, stand_in};
pub(crate) use worklist::worklist;
