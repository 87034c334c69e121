//! The real binary is killed again and again under load: what it acknowledged is delivered.

use crate::support::{Builder, Service, clerk, destination, user_created};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

const KILLS: usize = 12;
const SENDERS: usize = 4;
const UNFINISHED: &str = "SELECT count(*) FROM deliveries WHERE state IN ('pending', 'leased')";

/// Sends sign-ups until told to stop; notes the customers that were acknowledged.
fn send(
    service: &Service,
    sender: String,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<Mutex<BTreeSet<String>>>,
) -> std::thread::JoinHandle<()> {
    let http = service.http();
    std::thread::spawn(move || {
        for number in 0.. {
            if stop.load(Ordering::SeqCst) {
                return;
            }
            let customer = format!("user_{sender}_{number}");
            let body = user_created(&customer, Some("click"));
            let answer = http.post("/webhooks/clerk", &clerk(&customer, &body), &body);
            if answer.status == 200 {
                acknowledged.lock().expect("nobody panics").insert(customer);
            }
        }
    })
}

#[test]
fn what_was_acknowledged_survives_any_number_of_kills() {
    let destination = destination();
    let acknowledged = Arc::new(Mutex::new(BTreeSet::new()));
    let mut builder = Builder::new(&destination);
    for kill in 0..KILLS {
        let service = builder.start();
        let stop = Arc::new(AtomicBool::new(false));
        let before = acknowledged.lock().expect("nobody panics").len();
        let leads_before = destination.leads().len();
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let name = format!("{kill}_{sender}");
                send(&service, name, Arc::clone(&stop), Arc::clone(&acknowledged))
            })
            .collect();
        // At another moment each time: in the midst of taking requests and of delivering.
        destination.expect(|state| state.leads.len() >= leads_before + 5 + 7 * kill);
        builder = service.kill();
        stop.store(true, Ordering::SeqCst);
        senders.into_iter().for_each(|sender| sender.join().expect("no sender panics"));
        assert!(acknowledged.lock().expect("nobody panics").len() > before);
        assert_eq!(builder.database().integrity(), "ok");
    }
    let acknowledged = acknowledged.lock().expect("nobody panics").clone();
    let unfinished = usize::try_from(builder.database().count(UNFINISHED)).expect("few");
    let service = builder.start();
    service.wait_for_log(unfinished, |line| {
        line.contains("\"message\":\"attempt\"") && !line.contains("\"state\":\"pending\"")
    });
    destination.expect(|state| {
        let recorded: BTreeSet<_> = state.leads.iter().map(|lead| lead.customer.as_str()).collect();
        acknowledged.iter().all(|customer| recorded.contains(customer.as_str()))
    });
    let (status, builder, _) = service.stop();
    assert!(status.success());
    // Nothing is left over, and nothing was recorded twice.
    let database = builder.database();
    assert_eq!(database.integrity(), "ok");
    assert_eq!(database.count(UNFINISHED), 0);
    let leads = destination.leads();
    let customers: BTreeSet<_> = leads.iter().map(|lead| &lead.customer).collect();
    assert_eq!(customers.len(), leads.len());
}
