//! A kind whose matters discharge duties: what its `[duty]` names is there and is of the right sort.

use super::Say;
use xiangyue_domain::policy::{FieldType, Kind, Policy};

pub(super) fn check(policy: &Policy, kind: &Kind, say: Say) {
    let Some(duty) = &kind.duty else { return };
    if policy.catalogue(&duty.catalogue).is_none_or(|c| c.items.iter().all(|i| i.cadence.is_none())) {
        let message = format!("清单 {} 不存在,或者没有一条写了 cadence", duty.catalogue);
        say("/duty/catalogue", message);
    }
    for (key, id, wanted) in [
        ("item", &duty.item, FieldType::Choice),
        ("period", &duty.period, FieldType::Period),
        ("event", &duty.event, FieldType::Date),
        ("due", &duty.due, FieldType::Date),
        ("publish_by", &duty.publish_by, FieldType::Date),
        ("cadence", &duty.cadence, FieldType::Choice),
    ] {
        if kind.field(id).is_none_or(|f| f.kind != wanted) {
            say(&format!("/duty/{key}"), format!("duty 的 {key} 要指一个合适类型的字段,{id} 不是"));
        }
    }
    if kind.find_move(&duty.publish).is_none() {
        say("/duty/publish", format!("动作 {} 不存在", duty.publish));
    }
    if kind.step(&duty.withdrawn).is_none() {
        say("/duty/withdrawn", format!("步骤 {} 不存在", duty.withdrawn));
    }
    for (key, id) in [("done", &duty.done), ("in_time", &duty.in_time)] {
        let measure = kind.measures.iter().find(|m| m.id == *id);
        if measure.is_none_or(|m| m.dated.as_ref() != Some(&duty.due) || m.bucket.is_some()) {
            let message = format!("计量 {id} 要有 dated = \"{}\",不分 bucket", duty.due);
            say(&format!("/duty/{key}"), message);
        }
    }
    if let Some(key) = duty.window.as_ref().and_then(|w| w.fault()) {
        say(
            &format!("/duty/window/{key}"),
            format!("duty.window 的 {key} 不对:days 是一到几千天,basis 和 instead 要写"),
        );
    }
    if let Some(id) = duty.pictures.as_ref().filter(|id| kind.find_move(id).is_none()) {
        say("/duty/pictures", format!("动作 {id} 不存在"));
    }
    for (key, id) in duty.accounts.iter().flat_map(|a| a.faults(kind)) {
        say(&format!("/duty/accounts/{key}"), format!("duty.accounts 的 {key} 指的 {id} 不存在或类型不合适"));
    }
    if let Some(id) = &duty.objection {
        let about = policy.kind(id).and_then(|k| k.field("about")).map(|f| f.kind);
        if about != Some(FieldType::Matter) {
            say("/duty/objection", format!("事项 {id} 不存在,或没有 about 字段(type = \"matter\")"));
        }
    }
}
