"""Decides what must happen when a living modified organism escapes across a border, and in which order.

Read this first; each number names the module where the step stands.

1. An authority hands in a report (`service.filing`). It is checked whole, every fault by its place (`report`), and
   its severity is computed with a reason (`severity`).
2. Who is told, and why, is planned from the registry of contacts (`routing`); above a limit the brake asks for a
   second confirmation (`service.filing`).
3. One transaction stores the case (`case`), the report, its BCH record (`record`), a notification for each
   addressee (`notification`), its deliveries (`queueing`) and its clocks (`policy`), and logs every event (`events`).
4. Each event leaves one message in the outbox (`outbox`) for each of its handlers; `handlers` shows on one screen
   which. A worker claims what is due, lane by lane (`worker`).
5. Deliveries are prepared for their readers (`preparing`, `notices`), only with what each may read
   (`confidentiality`), tried by their channel (`sending`), and what came of it is recorded in groups (`recording`).
6. A delivery that fails is tried again (`delivery`); one that cannot succeed moves to the next contact now (`ladder`).
   How each endpoint fares is kept (`breaker`, `endpoints`); a person sends again (`service.resending`).
7. A State acknowledges (`service.acknowledging`, by link `service.links`); the rules are in `acknowledgement`. Who
   must know is told (`telling`).
8. While it does not, the ladder climbs (`ladder`, its steps in `escalation`, its time in `working_time`) until a
   human is on the telephone: a task (`task`, `tasks`).
9. The States consult in the case (`consultation`, `service.consulting`, `service.concluding`), say whether they are
   affected (`assessment`) and what they do (`measure`); each hears what it may read (`consultation_telling`,
   `measure_telling`), and a request that waits is remembered (`request_clock`). Who sees signs and knows no case asks
   the presumed State of origin (`inquiry`, `inquiry_ladder`). Files come first, and are named then (`attachment`).
10. A later report is checked against what is known (`chain`, `merging`, `service.following`) and told, with what it
    changed (`differences`, `told`), to everyone who was told before; a material one asks anew (`service.adding`).
11. The close is announced, asked twice and comes by silence that is proven, or not at all (`closing`,
    `service.closing_cases`, `close_review`); new evidence reopens.
12. The secretariat and the operator watch and hold the brake (`service.secretariat`, `service.watching`).

Rules take the time as a parameter, await nothing and call nobody: they stand in modules that import neither ports nor
stores. What the rules need of the world is named in `ports` and `stores`.
"""
