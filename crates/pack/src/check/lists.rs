//! Settings, posts and catalogues: the lists that kinds lean on.

use super::Say;
use crate::fault::Fault;
use crate::files::PackFiles;
use crate::table::{Line, read_csv};
use xiangyue_domain::day::Day;
use xiangyue_domain::due::Cadence;
use xiangyue_domain::fact::SEAT;
use xiangyue_domain::policy::{Level, Policy, WINDOW_MOST, WarningRule};

pub(super) fn settings(policy: &Policy, say: Say) {
    let Some(settings) = &policy.settings else { return };
    if settings.month_ends_on > 28 {
        say("/settings/month_ends_on", "month_ends_on 只能写 0 到 28;0 是月末".to_owned());
    }
    let portal = settings.portal_kind.as_str();
    if !portal.is_empty() && !policy.kinds.is_empty() && !policy.kind(portal).is_some_and(|k| k.intake.portal) {
        let message = format!("portal_kind 指的事项 {portal} 不存在,或没有写 portal = true");
        say("/settings/portal_kind", message);
    }
    let report = settings.main_report.as_str();
    if !report.is_empty() && !policy.reports.contains_key(report) {
        say("/settings/main_report", format!("报告模板 reports/{report}.md 不存在"));
    }
    warnings(policy, &settings.warnings, say);
    let duty = settings.duty_post.as_str();
    if !duty.is_empty() && policy.post(duty).is_none() {
        say("/settings/duty_post", format!("值班岗位 {duty} 不存在;请写 posts.toml 里有的 id"));
    }
}

fn warnings(policy: &Policy, rule: &WarningRule, say: Say) {
    let task = rule.task.as_str();
    if !task.is_empty() && !policy.kinds.is_empty() && policy.kind(task).is_none_or(|k| k.intake.by.is_empty()) {
        say("/settings/warnings/task", format!("预警转成的事项 {task} 不存在,或它的 [intake] 没有写 by"));
    }
    let instruct = rule.instruct.as_str();
    let gives = |k: &xiangyue_domain::policy::Kind| k.find_move(instruct).is_some_and(|m| !m.by.is_empty());
    if !instruct.is_empty() && !policy.kinds.is_empty() && !policy.kinds.iter().any(gives) {
        let message = format!("总览上批示用的动作 {instruct} 在哪个事项里都没有,或没有写 by");
        say("/settings/warnings/instruct", message);
    }
    for (key, measure) in [("handed_back", &rule.handed_back), ("taken", &rule.taken)] {
        let by_seat = policy.measure(measure).is_some_and(|(_, m)| m.bucket.as_deref() == Some(SEAT));
        if !measure.is_empty() && !by_seat {
            let message = format!("计量 {measure} 不存在,或没有写 bucket = \"{SEAT}\"");
            say(&format!("/settings/warnings/{key}"), message);
        }
    }
    if rule.handed_back.is_empty() != rule.taken.is_empty() {
        say("/settings/warnings/taken", "handed_back 和 taken 要一起写".to_owned());
    }
}

/// The posts of one file.
pub(super) fn posts(policy: &Policy, ids: &[String], say: Say) {
    for (i, id) in ids.iter().enumerate() {
        if policy.posts.iter().filter(|p| p.id == *id).count() > 1 {
            say(&format!("/post/{i}/id"), format!("岗位 {id} 重复;换一个 id"));
        }
        let Some(up) = policy.post(id).and_then(|p| p.superior.as_ref()) else { continue };
        let at = format!("/post/{i}/superior");
        if policy.post(up).is_none() {
            say(&at, format!("{id} 的上级岗位 {up} 不存在;请写 posts.toml 里有的 id"));
        } else if policy.answers_to(id, id) {
            say(&at, format!("{id} 的上级绕回了自己;上级关系不能成圈"));
        }
    }
}

/// Owners and urgencies of catalogue items. A pack without units (a base) leaves owners to the county.
pub(super) fn catalogues(policy: &Policy, files: &PackFiles, faults: &mut Vec<Fault>) {
    for path in files.under("catalogues/", ".csv") {
        let lines = read_csv(files, path, &[], &mut Vec::new());
        for line in &lines {
            let owner = line.get("owner");
            // Whoever answers for an item of a list is said in words.
            let known = line.cells.contains_key("class")
                || owner.is_empty()
                || Level::parse(owner).is_some()
                || policy.units.iter().any(|u| u.id == owner);
            if !known && !policy.units.is_empty() {
                let message = format!("承办 {owner} 不存在;请写 units.csv 里有的 id,或 village、town、county");
                faults.push(Fault::new(path, line.line, message));
            }
            duty_columns(path, line, faults);
            if !matches!(line.get("urgency"), "" | "normal" | "urgent") {
                let message = format!("urgency 只能写 normal 或 urgent,不能是 {}", line.get("urgency"));
                faults.push(Fault::new(path, line.line, message));
            }
        }
    }
}

/// When an item of a catalogue of duties comes round.
fn duty_columns(path: &str, line: &Line, faults: &mut Vec<Fault>) {
    let (cadence, within, since) = (line.get("cadence"), line.get("within"), line.get("since"));
    if !cadence.is_empty() && Cadence::parse(cadence).is_none() {
        let message = format!("cadence 只能写 month、quarter、year 或 event,不能是 {cadence}");
        faults.push(Fault::new(path, line.line, message));
    }
    let days = within.parse::<i32>().is_ok_and(|n| (-366..=366).contains(&n));
    if cadence.is_empty() != within.is_empty() || (!within.is_empty() && !days) {
        let message = "cadence 和 within 要一起写;within 是期末(事后)几天内,负数是期末前,如 10 或 -334";
        faults.push(Fault::new(path, line.line, message));
    }
    let window = line.get("window");
    if !window.is_empty() && !window.parse::<i32>().is_ok_and(|n| (1..=WINDOW_MOST).contains(&n)) {
        faults.push(Fault::new(path, line.line, format!("window 是公开后几天内可以提疑问,不能是 {window}")));
    }
    if !since.is_empty() && Day::parse(since).is_none() {
        faults.push(Fault::new(path, line.line, format!("since 不对: {since};请写成 2026-01-01")));
    }
}

/// Figures of a source report: each is yielded by an indicator of the pack.
pub(super) fn figures(policy: &Policy, files: &PackFiles, faults: &mut Vec<Fault>) {
    let path = "figures.csv";
    for line in read_csv(files, path, &[], &mut Vec::new()) {
        let (indicator, bound) = (line.get("indicator"), line.get("bound"));
        if policy.indicator(indicator).is_none() {
            let message = format!("指标 {indicator} 不存在;请写 indicators.toml 里有的 id");
            faults.push(Fault::new(path, line.line, message));
        }
        if !matches!(bound, "=" | ">=" | "<~" | "~" | ">" | "<") {
            faults.push(Fault::new(path, line.line, format!("bound 不认识: {bound};可写 =、>=、<~、~、>、<")));
        }
    }
}
