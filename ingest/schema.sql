-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- case.db: what a case holds besides its events.
--
-- This file is the specification of the format.  Others may rely on the
-- tables and views marked [stable]; the narrow coded tables under them
-- (…_row, name) may change with user_version.
--
-- Conventions
--   …_us     instant, microseconds UTC since 1970; NULL is unknown
--   share    0 to 1; low and high are the 95 % Wilson interval around it
--   NULL     absent from the evidence, never "" and never 0, unless said
--   ids      as the evidence gave them; reports print keyed pseudonyms
--   written by   i ingest, a analyse, d discover, r any command
--
-- Text that repeats is coded: columns ending in _name refer to name.name_id.

PRAGMA application_id = 0x70726574; -- "pret"
PRAGMA user_version = 4;

-- ---- evidence (i) ---------------------------------------------------------

-- One row a fact about the case: ingest.zone, ingest.from, ingest.to fixed by
-- the first ingest; case.KEY of case.ini, zone ("+08:00", the clock of days),
-- home.calling_code ("86", of telephone numbers without a country),
-- pack.ID ("VERSION sha256:HEX TITLE") and threshold.NAME ("48 h: where that
-- comes from") by every analysis.
CREATE TABLE case_info(
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- [stable] One row a file of evidence.  The five counts are sums over its
-- members: records = mapped + rejected + filtered + duplicate.
CREATE TABLE source(
  source_id INTEGER PRIMARY KEY,
  path TEXT NOT NULL,           -- as named on the command line or found below
  bytes INTEGER NOT NULL,       -- of the file
  sha256 TEXT,                  -- of the file; NULL: could not be read
  records INTEGER NOT NULL DEFAULT 0,
  mapped INTEGER NOT NULL DEFAULT 0,    -- became at least one event
  rejected INTEGER NOT NULL DEFAULT 0,  -- made no sense; see reject
  filtered INTEGER NOT NULL DEFAULT 0,  -- left out by a rule
  duplicate INTEGER NOT NULL DEFAULT 0, -- every event stands elsewhere too
  run_id INTEGER NOT NULL,      -- the run that added it
  sampled REAL                  -- fraction of a sampled log, from case.ini
) STRICT;

-- [stable] One row a file inside a source; a plain file is its own member.
CREATE TABLE member(
  member_id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES source,
  name TEXT NOT NULL,           -- path inside the source, archives joined by /
  mapping TEXT,                 -- NAME@VERSION; NULL: no mapping fitted
  encoding TEXT,                -- UTF-8, UTF-16LE, UTF-16BE, GB18030
  bytes INTEGER NOT NULL,       -- decoded
  first_us INTEGER,             -- earliest and latest event time
  last_us INTEGER,
  records INTEGER NOT NULL DEFAULT 0,
  mapped INTEGER NOT NULL DEFAULT 0,
  rejected INTEGER NOT NULL DEFAULT 0,
  filtered INTEGER NOT NULL DEFAULT 0,
  duplicate INTEGER NOT NULL DEFAULT 0,
  events INTEGER NOT NULL DEFAULT 0,       -- made of the mapped records
  fields_absent INTEGER NOT NULL DEFAULT 0, -- values of an unexpected type
  identical INTEGER NOT NULL DEFAULT 0      -- equal records kept in one member
) STRICT;

-- [stable] What made no sense, with its place.  record NULL: damage that is
-- no record (frame, checksum, unknown format, bound); outside the balance.
CREATE TABLE reject(
  reject_id INTEGER PRIMARY KEY,
  member_id INTEGER NOT NULL REFERENCES member,
  record INTEGER,               -- 1 is the member's first
  byte_offset INTEGER,          -- in the decoded member
  bytes INTEGER,
  reason TEXT NOT NULL
) STRICT;

-- [stable] Does every record of the member end as exactly one thing?
CREATE VIEW balance(member_id, holds) AS
  SELECT member_id, records = mapped + rejected + filtered + duplicate
  FROM member;

-- What mappings say their sources can and cannot emit, per member: a kind of
-- event, or refusal (never: of a source that tells of consents only).
CREATE TABLE emits(
  member_id INTEGER NOT NULL REFERENCES member,
  kind TEXT NOT NULL,
  never INTEGER NOT NULL,       -- 0 can emit, 1 never emits
  PRIMARY KEY(member_id, kind)
) STRICT, WITHOUT ROWID;

-- Events by kind and trail, as stored (duplicates left out).
CREATE TABLE volume(
  trail TEXT NOT NULL,          -- ui, server, '' not said
  kind TEXT NOT NULL,
  day TEXT NOT NULL,            -- UTC day 2018-01-03; '' no time was given
  n INTEGER NOT NULL,
  PRIMARY KEY(trail, kind, day)
) STRICT, WITHOUT ROWID;

-- [stable] (r) Every run of the program on this case.
CREATE TABLE run(
  run_id INTEGER PRIMARY KEY,
  command TEXT NOT NULL,        -- ingest, analyse, discover
  version TEXT NOT NULL,        -- of pretick
  options TEXT NOT NULL,        -- what may change results, not -j or --memory
  started TEXT NOT NULL,        -- RFC 3339 UTC; SOURCE_DATE_EPOCH if set
  finished TEXT,                -- NULL: did not finish
  digest TEXT                   -- analyse: SHA-256 over the results
) STRICT;

-- ---- results (a), rewritten by every analyse ------------------------------

CREATE TABLE name(
  name_id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT;

-- People that results speak of.  kind: user (an account), device (a device
-- whose person is unknown).
CREATE TABLE subject(
  subject_id INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  kind TEXT NOT NULL
) STRICT;

-- [stable] One version of a consent surface as it was shown.
CREATE TABLE design(
  design_id INTEGER PRIMARY KEY,
  surface TEXT NOT NULL,
  version TEXT NOT NULL,        -- the source's design, else fingerprint f:…
  first_us INTEGER,             -- first and last exposure
  last_us INTEGER,
  impressions INTEGER NOT NULL, -- episodes' impressions of consent controls
  people INTEGER NOT NULL,      -- who were shown it
  default_on REAL,              -- share of first box states on, 0 to 1
  font_px REAL,                 -- of the consent text, smallest seen
  body_font_px REAL,            -- of the surface's other text, median
  contrast REAL,                -- WCAG ratio of the consent text, lowest seen
  accept_contrast REAL,         -- of the accept or submit control
  in_view REAL,                 -- mean share of the consent text in view
  n_purposes INTEGER NOT NULL,
  purposes TEXT,                -- sorted, joined by ", "
  notice TEXT,
  notice_version TEXT,
  roles TEXT NOT NULL,          -- sorted control roles seen, joined by ", "
  options INTEGER NOT NULL,     -- distinct controls on the surface
  text TEXT                     -- words of the consent control
) STRICT;

-- What many decisions have in common: millions of rows share some thousand
-- forms.  Two forms may be equal where a case has very many.
CREATE TABLE decision_form(
  form_id INTEGER PRIMARY KEY,
  operator_name INTEGER,
  surface_name INTEGER,
  purpose_name INTEGER,
  recipient_name INTEGER,
  design_id INTEGER,
  variant_name INTEGER,
  app_version_name INTEGER,
  entry_name INTEGER,
  outcome INTEGER NOT NULL,     -- see decision_outcome
  default_on INTEGER,           -- 1 on, 0 off at first impression
  toggled INTEGER,              -- times the person changed the box
  acts INTEGER,                 -- gestures in the episode, the last included
  refusals_before INTEGER,      -- of this purpose by this person
  server_outcome INTEGER,       -- see server_outcome
  method INTEGER,               -- of the server record, event.def's number
  impressions INTEGER NOT NULL,
  last_default_on INTEGER
) STRICT;

CREATE TABLE decision_row(
  decision_id INTEGER PRIMARY KEY,
  flow_id INTEGER,
  subject_id INTEGER NOT NULL,
  form_id INTEGER NOT NULL,
  shown_us INTEGER,
  decided_us INTEGER,
  server_us INTEGER,
  last_shown_us INTEGER,
  member_id INTEGER,            -- place of the act, or of the server record
  byte_offset INTEGER
) STRICT;

CREATE TABLE decision_outcome(code INTEGER PRIMARY KEY, text TEXT NOT NULL)
  STRICT;
INSERT INTO decision_outcome VALUES
  (1, 'given'), (2, 'refused'), (3, 'dismissed'), (4, 'left'),
  (5, 'not_asked');

-- [stable] One row per person, episode and purpose.
--   default_on, last_default_on   1 the box was on by default, 0 off, NULL
--                                 not known
--   server_outcome                requested given refused withdrawn renewed
--                                 expired invalidated; NULL no record
--   impressions                   in the episode; last_… the last impression
--                                 of that control before the act, in any
--   dwell_us                      first impression to act, held at the ends
--                                 of what 64 bits can say
CREATE VIEW decision AS
  SELECT d.decision_id, d.flow_id, s.id AS subject, o.text AS operator,
    su.text AS surface, p.text AS purpose, r.text AS recipient, f.design_id,
    v.text AS variant, av.text AS app_version, e.text AS entry, d.shown_us,
    d.decided_us, oc.text AS outcome, f.default_on, f.toggled,
    max(min(d.decided_us - d.shown_us, 9223372036854775807),
      -9223372036854775807) AS dwell_us,
    f.acts, f.refusals_before, so.text AS server_outcome, d.server_us,
    f.impressions, d.last_shown_us, f.last_default_on, m.source_id,
    d.member_id, d.byte_offset, mt.text AS method, s.kind AS subject_kind,
    d.subject_id
  FROM decision_row d
    JOIN decision_form f ON f.form_id = d.form_id
    JOIN subject s ON s.subject_id = d.subject_id
    JOIN decision_outcome oc ON oc.code = f.outcome
    LEFT JOIN name o ON o.name_id = f.operator_name
    LEFT JOIN name su ON su.name_id = f.surface_name
    LEFT JOIN name p ON p.name_id = f.purpose_name
    LEFT JOIN name r ON r.name_id = f.recipient_name
    LEFT JOIN name v ON v.name_id = f.variant_name
    LEFT JOIN name av ON av.name_id = f.app_version_name
    LEFT JOIN name e ON e.name_id = f.entry_name
    LEFT JOIN word so ON so.list = 'decision' AND so.code = f.server_outcome
    LEFT JOIN word mt ON mt.list = 'method' AND mt.code = f.method
    LEFT JOIN member m ON m.member_id = d.member_id;

-- The closed word lists of event.def, written when the case is made.
CREATE TABLE word(
  list TEXT NOT NULL,           -- kind, trail, decision, method, …
  code INTEGER NOT NULL,
  text TEXT NOT NULL,
  meaning TEXT NOT NULL,
  PRIMARY KEY(list, code)
) STRICT, WITHOUT ROWID;

-- [stable] Of the episodes with at least one impression: how they ended.
-- shown = given + refused + other; share = given / shown.  Episodes without
-- any in a source that never holds impressions are counted apart: where there
-- are no others the denominator was never logged, and there is no rate.
--   shown, given   NULL: the denominator was never logged
--   refused, other NULL: that, or the source never holds refusals, which look
--                  like leaving then
--   missing        why something is NULL, or what the row leaves out
--   dimension   all, design, variant, version, entry, day (of the first
--               impression, in the case's zone), variant+version
--   value       NULL: the evidence does not say; for variant+version the two
--               joined by " / "
CREATE TABLE rate(
  surface TEXT NOT NULL,
  purpose TEXT,                 -- NULL: the surface names none
  dimension TEXT NOT NULL,
  value TEXT,
  shown INTEGER,
  given INTEGER,
  refused INTEGER,
  other INTEGER,                -- dismissed or left
  share REAL,
  low REAL,
  high REAL,
  unlogged INTEGER NOT NULL,    -- episodes that are known by their act only
  missing TEXT                  -- in words
) STRICT;

-- The detectors this version knows.
CREATE TABLE detector(
  detector TEXT PRIMARY KEY,    -- D01
  title TEXT NOT NULL,
  measure TEXT NOT NULL,        -- the predicate in one sentence
  unit TEXT NOT NULL,           -- what eligible counts: people, …
  alternatives TEXT NOT NULL,   -- other explanations of the same records
  sources TEXT NOT NULL         -- where the predicate comes from
) STRICT, WITHOUT ROWID;

-- [stable] What a detector says of one design version.
--   eligible = sure + ambiguous + refuted + undecidable, in people, each
--   counted once by its gravest answer; share = sure / eligible, a lower
--   bound when undecidable > 0.
CREATE TABLE finding(
  finding_id INTEGER PRIMARY KEY,
  detector TEXT NOT NULL REFERENCES detector,
  surface TEXT,                 -- NULL: not bound to a surface
  design_id INTEGER,            -- NULL: not bound to a design
  scope TEXT NOT NULL,          -- '' or the detector's own class: collection,
                                -- sharing, ui, batch, migration, import, api
  eligible INTEGER NOT NULL,
  sure INTEGER NOT NULL,
  ambiguous INTEGER NOT NULL,
  refuted INTEGER NOT NULL,
  undecidable INTEGER NOT NULL,
  share REAL,
  low REAL,
  high REAL,
  first_us INTEGER,             -- first and last sure or ambiguous act
  last_us INTEGER,
  missing TEXT,                 -- what undecidable lacks, in words
  operator TEXT                 -- whose; NULL: the records do not say, or
                                -- across operators (D11)
) STRICT;

-- Named numbers that belong to a finding: acts_given 1, ratio 0.43, …
CREATE TABLE measure(
  finding_id INTEGER NOT NULL REFERENCES finding,
  name TEXT NOT NULL,
  value REAL NOT NULL,
  unit TEXT NOT NULL,
  PRIMARY KEY(finding_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE affected_row(
  finding_id INTEGER NOT NULL,
  subject_id INTEGER NOT NULL,
  role INTEGER NOT NULL,        -- 0 user, 1 nonuser
  decision_id INTEGER,          -- the earliest with that grade; NULL none
  grade INTEGER NOT NULL,       -- 1 sure, 2 ambiguous
  PRIMARY KEY(finding_id, subject_id)
) STRICT, WITHOUT ROWID;

-- [stable] Every person behind a finding, sure or ambiguous.
CREATE VIEW affected AS
  SELECT a.finding_id, s.id AS subject,
    CASE a.role WHEN 0 THEN 'user' ELSE 'nonuser' END AS role,
    a.decision_id,
    CASE a.grade WHEN 1 THEN 'sure' ELSE 'ambiguous' END AS grade,
    s.kind AS subject_kind, a.subject_id
  FROM affected_row a JOIN subject s ON s.subject_id = a.subject_id;

-- [stable] Which rule a finding bears on, and what it was when the first act
-- was done.
--   used_as   binding (a law in force then), guidance, retrospective
--             yardstick, taxonomy (a name, no rule), not verified (no dates)
CREATE TABLE legal(
  finding_id INTEGER NOT NULL REFERENCES finding,
  rule TEXT NOT NULL,           -- PACK:ID
  in_force_from TEXT,           -- date; NULL not known
  in_force_to TEXT,             -- date; NULL still in force
  used_as TEXT NOT NULL,
  title TEXT NOT NULL,          -- of the rule
  item TEXT NOT NULL,           -- article or section
  PRIMARY KEY(finding_id, rule)
) STRICT, WITHOUT ROWID;

-- [stable] Two groups compared: difference = k_a/n_a - k_b/n_b with Newcombe's
-- interval; ratio and odds_ratio of the same.
CREATE TABLE comparison(
  name TEXT NOT NULL,           -- "annual_bill: given, design v1 against v2"
  group_a TEXT NOT NULL,
  group_b TEXT NOT NULL,
  n_a INTEGER NOT NULL, k_a INTEGER NOT NULL,
  n_b INTEGER NOT NULL, k_b INTEGER NOT NULL,
  difference REAL, low REAL, high REAL,
  ratio REAL, odds_ratio REAL,
  p REAL, p_adjusted REAL,
  method TEXT NOT NULL
) STRICT;

-- [stable] How often one screen followed another.  surface '': consecutive
-- UI events on different screens in a session; else within its episodes.
CREATE TABLE edge(
  surface TEXT NOT NULL,
  from_screen TEXT NOT NULL,
  to_screen TEXT NOT NULL,
  n INTEGER NOT NULL,
  median_us INTEGER,
  PRIMARY KEY(surface, from_screen, to_screen)
) STRICT, WITHOUT ROWID;

-- [stable] The ways through a surface's flow; steps joined by " > ".
CREATE TABLE path(
  surface TEXT NOT NULL,
  outcome TEXT NOT NULL,
  steps TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY(surface, outcome, steps)
) STRICT, WITHOUT ROWID;

-- What accepting, refusing and withdrawing took, per design.
CREATE TABLE route(
  surface TEXT NOT NULL,
  design_id INTEGER,
  goal TEXT NOT NULL,           -- given, refused, withdrawn
  n INTEGER NOT NULL,           -- people's ways that reached the goal
  acts_min INTEGER, acts_median REAL,
  screens_min INTEGER, screens_median REAL,
  options_median REAL,          -- distinct controls met on the way
  seconds_median REAL, seconds_low REAL, seconds_high REAL,
  abandoned INTEGER NOT NULL    -- ways begun that did not reach the goal
) STRICT;

-- [stable] Collection, use and sharing, judged against the consent and
-- permission that stood at the time.
--   verdict   consented, tainted (on a consent a detector called sure),
--             before_consent, without_consent (never given, or expired or
--             invalidated), after_refusal, after_withdrawal, other_basis,
--             necessary, not_decidable
CREATE TABLE processing(
  verdict TEXT NOT NULL,
  kind TEXT NOT NULL,           -- data.access, data.egress
  category TEXT,
  purpose TEXT,
  recipient TEXT,
  region TEXT,
  n INTEGER NOT NULL,           -- records
  subjects INTEGER NOT NULL,    -- people
  first_us INTEGER,
  last_us INTEGER,
  operator TEXT                 -- who did it; NULL: the records do not say
) STRICT;

-- [stable] Who gave data to whom (data.egress); "people" also are devices
-- whose person is unknown.  Accounts that an identity.link of the same datum
-- names are one person here, in operator and in shared.
CREATE TABLE network(
  operator TEXT,                -- NULL: the records do not say
  recipient TEXT,               -- else destination; NULL: not said
  category TEXT,
  n INTEGER NOT NULL,           -- records
  against INTEGER NOT NULL,     -- of these: before or without a consent, or
                                -- after refusal or withdrawal
  open INTEGER NOT NULL,        -- of these: not decidable
  people INTEGER NOT NULL,
  first_us INTEGER,
  last_us INTEGER
) STRICT;

-- [stable] What became of the data, step by step: permission, access, upload,
-- share, outbound contact.  A datum (a contact's number, say) is followed by
-- its own id across people; records without one count in n and users alone.
--   hop       permission, access (read on the device), upload (sent to the
--             operator, or found on its server), share (sent to somebody
--             else), outbound (somebody was contacted)
--   state     of a permission: what it was when that category of the person's
--             data was first accessed: granted, denied, lapsed, asked (no
--             answer in the log), never_asked, not_logged.
--             of an outbound contact: collected (that datum had been
--             collected before), themselves (a number in whose name somebody
--             has an account), earlier (collected only later), unordered
--             (before or after is not known), never (never collected: the
--             negative control).  NULL: no datum was named; other hops
CREATE TABLE lineage(
  operator TEXT,
  category TEXT,
  recipient TEXT,
  purpose TEXT,                 -- several joined by ", "
  hop TEXT NOT NULL,
  state TEXT,
  n INTEGER NOT NULL,           -- records; of a permission: people
  users INTEGER,                -- people whose data they were; NULL: too
                                -- many groups to count them
  data INTEGER NOT NULL,        -- distinct
  nonusers INTEGER NOT NULL,    -- of these: people without an account
  first_us INTEGER,
  last_us INTEGER
) STRICT;

-- [stable] The operators whose records the case holds.
CREATE TABLE operator(
  operator TEXT,                -- NULL: records that name none
  people INTEGER NOT NULL,      -- whom its records name
  devices INTEGER NOT NULL,     -- whose person is unknown
  records INTEGER NOT NULL,     -- events of these
  decisions INTEGER NOT NULL,   -- rows of decision
  grants INTEGER NOT NULL       -- of these: recorded as given
) STRICT;

-- [stable] How many people are met by one operator, by two, …
CREATE TABLE shared(
  operators INTEGER PRIMARY KEY,
  people INTEGER NOT NULL
) STRICT;

-- Consents obtained while a detector was sure (D01 to D04), by day.
CREATE TABLE tainted(
  surface TEXT NOT NULL,
  day TEXT NOT NULL,            -- in the case's zone
  obtained INTEGER NOT NULL,    -- people whose first such consent fell on it
  ended INTEGER NOT NULL,       -- people whose last such consent ended on it
  live INTEGER NOT NULL,        -- people with one alive at the day's end
  PRIMARY KEY(surface, day)
) STRICT, WITHOUT ROWID;

-- Who received data of people with a tainted consent, while it lived.
CREATE TABLE tainted_recipient(
  surface TEXT NOT NULL,
  recipient TEXT NOT NULL,
  people INTEGER NOT NULL,
  records INTEGER NOT NULL,
  first_us INTEGER, last_us INTEGER,
  PRIMARY KEY(surface, recipient)
) STRICT, WITHOUT ROWID;

-- When one design gave way to the next, per app version.  app_version NULL:
-- all versions together.  Between last_old_us and first_new_us lies the
-- cut-over; tail: exposures to the old design after first_new_us (then
-- last_old_us >= first_new_us).
CREATE TABLE cutover(
  surface TEXT NOT NULL,
  app_version TEXT,
  old_design_id INTEGER NOT NULL,
  new_design_id INTEGER,        -- NULL: this version never showed a newer one
  last_old_us INTEGER,
  first_new_us INTEGER,
  old_exposures INTEGER NOT NULL,
  tail INTEGER NOT NULL,        -- old exposures after the first new one of
                                -- any app version
  tail_people INTEGER NOT NULL
) STRICT;

-- UI log coverage and clocks: what gates every sure.
CREATE TABLE coverage(
  name TEXT PRIMARY KEY,        -- people, devices, seq_gaps, undated, …
  value INTEGER NOT NULL,
  meaning TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- ---- discovery (d), rewritten by every discover; no part of the digest -----

-- [stable] Acts that a server's grant follows, and whether anything says so.
--   verdict  undeclared (it enrols, and nothing names it), too_few (it may),
--            weak (associated, below a threshold), by_hand (a switch that the
--            person turned on), clear (a click on words of agreement)
--   act      click, on, off (of a switch)
-- Counts are of people.  An association is no cause.
CREATE TABLE discovery(
  rank INTEGER PRIMARY KEY,     -- by verdict, then people_granted
  verdict TEXT NOT NULL,
  screen TEXT,
  element TEXT NOT NULL,        -- '': the records name none
  act TEXT NOT NULL,
  label TEXT,                   -- words of the control, first seen
  people INTEGER NOT NULL,      -- who did it
  people_granted INTEGER NOT NULL,  -- with a grant after it that nothing else
                                -- explains; by_hand, clear: that it explains
  people_explained INTEGER NOT NULL, -- with one that an express act explains
  share REAL,                   -- people_granted / people
  share_low REAL, share_high REAL,
  shifted_share REAL,           -- of windows of the same people 10 min, 1 h,
                                -- 1 day before and after with a grant
  lift REAL,                    -- share / shifted_share; NULL: to 0
  low REAL, high REAL,          -- at least 95 % around lift; high NULL: none
  p REAL, p_adjusted REAL,      -- of chance; Holm over pairs
  pairs INTEGER NOT NULL,       -- pairs of control and act tried
  median_delay_us INTEGER,      -- from act to grant, off by less than 12 %
  share_by_request REAL,        -- of people_granted: a request joins the two
  box TEXT,                     -- element of the box or words that stood on
                                -- the same screen
  box_on INTEGER, box_off INTEGER, -- times it was shown so by default
  box_font_px REAL,             -- least
  box_text TEXT,
  box_purposes TEXT, box_notice TEXT
) STRICT;

-- What became of the grants that discovery looked at.
CREATE TABLE discovery_count(
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL,
  meaning TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- How the clocks of people's devices compare with the servers'; a device of
-- two people counts twice.  offset_us is added to the device's times for the
-- order of events, its sign is left out here; error_us: by how much more the
-- clock may be wrong, either way.  p95: what 95 in a hundred do not exceed.
CREATE TABLE clock(
  method TEXT PRIMARY KEY,      -- request (gestures and the records that
                                -- answer them), received, both joined by
                                -- " and ", none (assumed from the others)
  devices INTEGER NOT NULL,
  samples INTEGER NOT NULL,     -- pairs, and uploads
  offset_median_us INTEGER NOT NULL,
  offset_p95_us INTEGER NOT NULL,
  offset_max_us INTEGER NOT NULL,
  error_median_us INTEGER NOT NULL,
  error_p95_us INTEGER NOT NULL,
  error_max_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
