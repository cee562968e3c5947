"""Every kind of fault that people reported has a test, found here by the kind.

The kinds are those of documents, of refusals and sign-in at Oura, of assistants and frameworks,
and of a newcomer's first hour.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
DOCUMENTS = "end_to_end/answers/test_answers_of_reported_documents.py"
TRAPS = "protocol/test_authorization_traps.py"
FAILURES = "end_to_end/answers/test_answers_with_failures.py"
ACCOUNTS = "end_to_end/test_several_accounts.py"
FIRST = "end_to_end/test_first_contact.py"
SCHEMAS = "protocol/test_portable_schemas.py"
MAPPING = "unit/oura_http/test_error_mapping.py"
REQUESTS = "unit/hosted/test_hostile_requests.py"
HANDSHAKE = "protocol/test_handshake.py"
MESSAGES = "protocol/test_hostile_messages.py"
KINDS = {
    "not measured taken as zero": (
        DOCUMENTS,
        "test_not_measured_and_impossible_values_are_missing",
    ),
    "impossible values": (
        "unit/contract/test_quantities.py",
        "test_what_no_person_produces_is_missing_and_kept",
    ),
    "a sleep that is not one long sleep": (DOCUMENTS, "test_no_sleep_of_a_day_vanishes"),
    "a number of another type": (DOCUMENTS, "test_numbers_and_days_are_read_in_any_form"),
    "two documents of one day": (DOCUMENTS, "test_a_second_document_of_a_day_takes_nothing_away"),
    "a bad timestamp": (DOCUMENTS, "test_one_bad_row_never_kills_a_collection"),
    "an average of crowded samples": (
        DOCUMENTS,
        "test_a_workout_does_not_lead_the_average_of_a_day",
    ),
    "texts that are cut or contradict": (DOCUMENTS, "test_texts_are_cut_with_a_sign_and_never_lie"),
    "the newest value": (DOCUMENTS, "test_the_newest_value_is_one_that_exists"),
    "the heart rate of now": (DOCUMENTS, "test_the_heart_rate_of_now_is_the_newest_with_its_time"),
    "a new ring": ("unit/toolkit/test_new_ring.py", "test_usual_ranges_begin_with_a_new_ring"),
    "an outdated app": (MAPPING, "test_a_status_means_one_thing_on_each_interface"),
    "one collection that is refused": (
        FAILURES,
        "test_only_denied_collections_are_a_missing_permission",
    ),
    "a missing permission, one mapping": (MAPPING, "test_a_missing_permission_is_named"),
    "a missing permission spends no token": (
        "unit/proxy/test_app.py",
        "test_a_missing_scope_renews_nothing",
    ),
    "a wrong secret on this machine": (
        "unit/oauth/test_consent_flow.py",
        "test_a_wrong_secret_ends_without_a_second_consent",
    ),
    "a wrong secret of the service": (
        "unit/hosted/test_connections.py",
        "test_a_wrong_client_secret_is_the_operator_s_to_mend",
    ),
    "no application": (
        "unit/hosted/test_honest_pages.py",
        "test_without_an_application_the_pages_say_what_is_missing",
    ),
    "a reply without scopes": (
        "unit/oauth/test_exchange.py",
        "test_permissions_that_are_not_told_are_unknown_not_none",
    ),
    "another person's ring": (
        ACCOUNTS,
        "test_the_consent_of_another_person_replaces_nothing_unasked",
    ),
    "what is replaced is revoked": (ACCOUNTS, "test_replacing_on_purpose_revokes_what_was_there"),
    "hints name the account": (ACCOUNTS, "test_hints_repeat_the_account"),
    "status names all connections": (
        ACCOUNTS,
        "test_status_names_the_oura_account_and_every_connection",
    ),
    "a traceback after success": (
        "unit/oauth/test_loopback_server.py",
        "test_it_ends_by_itself_and_without_a_traceback",
    ),
    "lists as JSON text": ("unit/toolkit/test_arguments.py", "test_lists_in_every_spelling"),
    "arguments that hosts inject": (
        "unit/toolkit/test_arguments.py",
        "test_arguments_as_hosts_hand_them_on",
    ),
    "a predecessor that comes back": (
        "unit/hosted/test_authorization.py",
        "test_a_predecessor_ends_with_its_access_token",
    ),
    "two refreshes at once": (TRAPS, "test_two_refreshes_at_once_both_succeed"),
    "offline_access": (TRAPS, "test_offline_access_and_unknown_scopes_are_no_hindrance"),
    "a final slash": (REQUESTS, "test_a_final_slash_is_answered_itself"),
    "redirect schemes": (REQUESTS, "test_redirect_hosts_cannot_change_the_security_policy"),
    "schemas of every vendor": (SCHEMAS, "test_every_vendor_takes_every_input_schema"),
    "unions in output schemas": (SCHEMAS, "test_output_schemas_have_no_unions_and_typed_arrays"),
    "parameters without words": (SCHEMAS, "test_every_parameter_is_described"),
    "browser clients": (TRAPS, "test_browser_clients_of_this_machine_may_ask"),
    "resource is the origin": (TRAPS, "test_a_resource_is_the_same_at_every_step"),
    "an empty path": (TRAPS, "test_an_empty_path_is_the_root"),
    "a revision nobody knows": (
        TRAPS,
        "test_any_revision_in_the_header_of_initialize_is_negotiated",
    ),
    "null is absent": (TRAPS, "test_a_field_that_is_null_is_absent"),
    "initialize after discover": (HANDSHAKE, "test_initialize_after_discover_is_served"),
    "a first reply that waits": (HANDSHAKE, "test_the_first_replies_do_not_wait_for_the_sdk"),
    "answers that go twice": ("protocol/test_command.py", "test_the_form_of_answers_is_a_setting"),
    "a careless client on stdio": (MESSAGES, "test_stdio_answers_or_says_what_is_wrong"),
    "a careless client over HTTP": (MESSAGES, "test_http_answers_the_same"),
    "a demo without extras": (
        "end_to_end/test_demo.py",
        "test_the_demo_without_extras_leaves_the_service_out",
    ),
    "formats of exports": (FIRST, "test_an_export_takes_its_format_from_the_file"),
    "charts that cannot be drawn": (FIRST, "test_a_chart_is_offered_only_where_there_is_one"),
    "two clocks in one table": (FIRST, "test_times_for_people_are_in_one_zone"),
    "a silent server in a terminal": (FIRST, "test_the_server_in_a_terminal_says_what_it_is"),
    "an output without UTF-8": (
        "end_to_end/test_output_encoding.py",
        "test_every_encoding_gets_an_answer",
    ),
    "Ctrl-C": ("end_to_end/test_interrupts.py", "test_a_command_that_waits_ends_in_one_line"),
}


@cache
def read_names(path: str) -> frozenset[str]:
    """The names of the tests of a file."""
    tree = ast.parse((TESTS / path).read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, functions))


@pytest.mark.parametrize("kind", KINDS)
def test_a_reported_kind_has_its_test(kind):
    """The file and the test exist under that name."""
    path, name = KINDS[kind]
    assert name in read_names(path)
