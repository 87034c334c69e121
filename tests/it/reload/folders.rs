//! How files can change without anybody writing into them.

use super::{Editing, builder, mapping};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// A folder of files as Kubernetes makes it of a ConfigMap, beside those that it made before.
fn publish(mappings: &Path, revision: &str, text: &str) {
    let folder = mappings.join(format!("..{revision}"));
    fs::create_dir(&folder).expect("the folder can be made");
    fs::write(folder.join("mine.toml"), text).expect("the file can be written");
    let before = fs::read_link(mappings.join("..data")).ok();
    symlink(format!("..{revision}"), mappings.join("..data_tmp")).expect("it can be linked");
    fs::rename(mappings.join("..data_tmp"), mappings.join("..data")).expect("it can be renamed");
    if let Some(before) = before {
        fs::remove_dir_all(mappings.join(before)).expect("it can be removed");
    }
}

#[test]
fn a_config_map_is_swapped() {
    let builder = builder().mappings(&[]);
    let mappings = builder.folder().join("mappings");
    publish(&mappings, "2026_1", &mapping("A"));
    symlink("..data/mine.toml", mappings.join("mine.toml")).expect("it can be linked");
    let editing = Editing::start(builder);
    assert_eq!(editing.served("user_1"), "A");
    for (count, name) in ["B", "C", "D"].into_iter().enumerate() {
        publish(&mappings, &format!("2026_2{name}"), &mapping(name));
        editing.wait(count + 1, "mapping applied");
        assert_eq!(editing.served(&format!("user_{name}")), name);
    }
}

#[test]
fn the_folder_itself_is_replaced() {
    // Named as in the default settings, relative to where the service was started.
    let editing = Editing::start(builder().with("LEADHOOK_MAPPINGS", "mappings"));
    let beside = |name: &str| editing.mappings.with_file_name(name);
    fs::create_dir(beside("next")).expect("the folder can be made");
    fs::write(beside("next").join("mine.toml"), mapping("B")).expect("the file can be written");
    // Away for as long as it takes to be seen: everything stays in force.
    fs::rename(&editing.mappings, beside("before")).expect("it can be renamed");
    editing.wait(1, "mapping files not read: what was in force stays in force");
    assert_eq!(editing.served("user_1"), "A");
    fs::rename(beside("next"), &editing.mappings).expect("it can be renamed");
    editing.wait(1, "mapping applied");
    assert_eq!(editing.served("user_2"), "B");
    // The new one is watched as the old one was; also one that gets its number.
    editing.write("mine.toml", &mapping("C"));
    editing.wait(2, "mapping applied");
    fs::remove_dir_all(&editing.mappings).expect("it can be removed");
    fs::create_dir(&editing.mappings).expect("the folder can be made");
    editing.write("mine.toml", &mapping("D"));
    editing.wait(3, "mapping applied");
    editing.write("mine.toml", &mapping("E"));
    editing.wait(4, "mapping applied");
    assert_eq!(editing.served("user_3"), "E");
}

#[test]
fn what_raises_no_event_is_found_by_the_poll() {
    let builder = builder().mappings(&[]).with("LEADHOOK_RELOAD_POLL", "1s");
    let elsewhere = builder.folder().join("elsewhere.toml");
    fs::write(&elsewhere, mapping("A")).expect("the file can be written");
    let link = builder.folder().join("mappings/mine.toml");
    symlink(&elsewhere, link).expect("it can be linked");
    let editing = Editing::start(builder);
    for (count, name) in ["B", "C"].into_iter().enumerate() {
        fs::write(&elsewhere, mapping(name)).expect("the file can be written");
        editing.wait(count + 1, "mapping applied");
        assert_eq!(editing.served(&format!("user_{name}")), name);
    }
}
