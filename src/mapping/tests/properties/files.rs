//! Mapping files made of every form, nested at random.

use crate::mapping::MappingFile;
use crate::mapping::tests::read;
use proptest::prelude::*;
use std::sync::Arc;

/// A good file.
pub(super) fn file() -> impl Strategy<Value = Arc<MappingFile>> {
    let rules = prop::collection::vec(rule(), 1..4);
    rules.prop_filter_map("the file is good", |rules| {
        let rules =
            rules.iter().enumerate().map(|(at, rule)| rule.replace("NAME", &at.to_string()));
        let raw =
            format!("provider = \"clerk\"\nsecrets = [\"env:S\"]\n{}", rules.collect::<String>());
        read(&raw).0.map(Arc::new)
    })
}

fn rule() -> impl Strategy<Value = String> {
    let head = prop::sample::select(vec![
        "",
        "on = [\"user.created\"]",
        "on = [\"user.deleted\"]",
        "when = \"@.data.id == @.x || !@.type\"",
        "when = \"search(@.data.email, 'a') || length(@.data) > 1 || @.id < 3\"",
    ]);
    let optional = |field: &'static str, form: BoxedStrategy<String>| {
        prop::option::of(form).prop_map(move |form| {
            form.map_or_else(String::new, |form| format!("{field} = {form}\n"))
        })
    };
    let missing = prop::sample::select(vec!["skip", "omit", "fail", "empty", "park"]);
    let click =
        (source(scalar().boxed()), steps(), missing).prop_map(|(source, steps, missing)| {
            format!("clickId = {{ {source}{steps}, missing = \"{missing}\" }}\n")
        });
    let required =
        |field: &'static str| scalar().prop_map(move |form| format!("{field} = {form}\n"));
    (
        head,
        click,
        required("eventName"),
        required("customerExternalId"),
        optional("customerName", scalar().boxed()),
        optional("customerEmail", scalar().boxed()),
        optional("customerAvatar", scalar().boxed()),
        optional("mode", scalar().boxed()),
        optional("eventQuantity", scalar().boxed()),
        optional("metadata", object().boxed()),
    )
        .prop_map(|(head, click, name, id, a, b, c, d, e, f)| {
            format!("[[lead]]\nname = \"NAME\"\n{head}\n[lead.body]\n{click}{name}{id}{a}{b}{c}{d}{e}{f}")
        })
}

fn query() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "$",
        "$.id",
        "$.x[*]",
        "$.data.id",
        "$.data.object.email",
        "$.data.email_addresses[?@.id == $.data.primary_email_address_id].email_address",
        "$.form_response.answers[?@.field.ref == 'x' || @.type].x",
        "$.data['x','id'][-1:]",
        "$.data.*",
    ])
    .prop_map(|query| format!("\"{query}\""))
}

/// Forms that can be a text or a number.
fn scalar() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => query(),
        1 => Just("{ header = \"x-click\" }".to_owned()),
        1 => Just("{ query = \"via\" }".to_owned()),
        1 => Just("{ event = \"id\" }".to_owned()),
        1 => Just("{ event = \"received_at\" }".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        (source(inner.boxed()), steps())
            .prop_map(|(source, steps)| format!("{{ {source}{steps} }}"))
    })
}

fn source(inner: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let members = || prop::collection::vec(inner.clone(), 1..4).prop_map(|all| all.join(", "));
    prop_oneof![
        query().prop_map(|query| format!("from = {query}")),
        inner.clone().prop_map(|inner| format!("from = {inner}")),
        members().prop_map(|members| format!("first = [{members}]")),
        members().prop_map(|members| format!("join = [{members}], with = \" - \"")),
    ]
}

fn steps() -> impl Strategy<Value = String> {
    let then = prop::sample::select(vec![
        "\"trim\"",
        "\"lowercase\"",
        "\"uppercase\"",
        "{ truncate = 3 }",
        "\"sha256\"",
        "\"string\"",
        "\"integer\"",
        "\"number\"",
        "\"boolean\"",
        "\"json\"",
        "{ date = \"rfc3339\" }",
    ]);
    let step = prop_oneof![
        Just(", ignore = [\"n/a\", 0]".to_owned()),
        Just(", lookup = { in = \"$.data\", key = \"id\", take = \"x\" }".to_owned()),
        Just(", lookup = { in = \"$.data.object[*]\", key = \"x\", take = \"id\" }".to_owned()),
        prop::collection::vec(then, 1..3)
            .prop_map(|then| format!(", then = [{}]", then.join(", "))),
    ];
    // A key can stand in a table only once.
    prop::collection::vec(step, 0..3).prop_map(|steps| {
        let mut kept: Vec<String> = Vec::new();
        for step in steps {
            let key = |step: &str| step.split('=').next().unwrap_or_default().to_owned();
            if !kept.iter().any(|other| key(other) == key(&step)) {
                kept.push(step);
            }
        }
        kept.concat()
    })
}

/// Forms for `metadata`, where values keep their type.
fn object() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        3 => scalar(),
        1 => prop::sample::select(vec!["7", "1.5", "true", "\"n/a\"", "{ value = [1, { a = \"$\" }] }"])
            .prop_map(str::to_owned),
        1 => query().prop_map(|query| format!("{{ all = {query}, then = [\"string\"] }}")),
        1 => query().prop_map(|query| {
            format!("{{ from = {query}, map = {{ x = 1, true = \"yes\" }}, else = 0, default = [] }}")
        }),
    ];
    let any = leaf.prop_recursive(3, 16, 4, |inner| {
        let members = prop::collection::vec(inner, 1..4);
        prop_oneof![
            members.clone().prop_map(|all| format!("{{ all = [{}] }}", all.join(", "))),
            members.prop_map(|all| members_of(&all)),
        ]
    });
    prop::collection::vec(any, 1..4).prop_map(|all| members_of(&all))
}

fn members_of(forms: &[String]) -> String {
    let members: Vec<_> =
        forms.iter().enumerate().map(|(at, form)| format!("m{at} = {form}")).collect();
    format!("{{ {} }}", members.join(", "))
}
