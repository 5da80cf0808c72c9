/* SPDX-License-Identifier: MIT */
/* repr() and str(). What is expected was asked of CPython. */
#include "support/tree.h"

#include <errno.h>

/* Literals that repr() gives back as they are. */
static const char *const same[] = {
    "None",
    "True",
    "-9223372036854775808",
    "9223372036854775808",
    "-9223372036854775809",
    "123456789012345678901234567890",
    "1.0",
    "-0.0",
    "0.1",
    "0.30000000000000004",
    "0.3333333333333333",
    "99999999999999.9",
    "999999999999999.9",
    "0.123456789012345",
    "1.23456789012345e-07",
    "12345.6789",
    "-2.5",
    "1e+16",
    "9999999999999998.0",
    "0.0001",
    "1e-05",
    "1.5e-07",
    "5e-324",
    "2.2250738585072014e-308",
    "1.7976931348623157e+308",
    "5.684341886080802e-14",
    "123456.789",
    "1e+100",
    "inf",
    "-inf",
    "nan",
    "'a'",
    "\"it's\"",
    "'both \\' and \"'",
    "'\\\\ \\t\\n\\r\\x00\\x1b\\x7f\\x80\\xad'",
    "'\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80'",
    "'\\ud800 \\u2028 \\u200b \\U000e0001 \\u3000'",
    "b''",
    "b\"it's\"",
    "b'\\x00\\xff\\t\\n\\\\'",
    "bytearray(b'a')",
    "()",
    "(1,)",
    "(1, 2)",
    "[]",
    "[1, [2, 'x']]",
    "{}",
    "{'a': 1, (2, 3): None}",
    "set()",
    "{1}",
    "frozenset()",
    "frozenset({1})",
};

static void repr_of_plain_values_is_their_literal(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(same); i++)
        assert_string_equal(repr_in(&tree, parse(&tree, same[i]), 11), same[i]);
}

static const struct {
    const char *recipe, *repr, *str;
} objects[] = {
    {"complex(1.0, -2.5)", "(1-2.5j)", NULL},
    {"complex(0.0, -1.0)", "-1j", NULL},
    {"complex(-0.0, 1.0)", "(-0+1j)", NULL},
    {"complex(nan, inf)", "(nan+infj)", NULL},
    {"slice(1, None, None)", "slice(1, None, None)", NULL},
    {"range(0, 3, 1)", "range(0, 3)", NULL},
    {"range(0, 10, 2)", "range(0, 10, 2)", NULL},
    {"...", "Ellipsis", NULL},
    {"array.array('h', b'\\1\\0\\xff\\xff')", "array('h', [1, -1])", NULL},
    {"array.array('d', b'')", "array('d')", NULL},
    {"array.array('u', b'a\\0\\0\\0\\'\\0\\0\\0')", "array('u', \"a'\")", NULL},
    {"decimal.Decimal('1.50')", "Decimal('1.50')", "1.50"},
    {"fractions.Fraction(1, 2)", "Fraction(1, 2)", "1/2"},
    {"fractions.Fraction('-1/2')", "Fraction(-1, 2)", "-1/2"},
    {"fractions.Fraction(3, 1)", "Fraction(3, 1)", "3"},
    {"uuid.UUID() & state {'int': 5}", "UUID('00000000-0000-0000-0000-000000000005')",
     "00000000-0000-0000-0000-000000000005"},
    {"datetime.date(b'\\x07\\xe4\\1\\2')", "datetime.date(2020, 1, 2)", "2020-01-02"},
    {"datetime.datetime(b'\\x07\\xe4\\1\\2\\3\\4\\5\\0\\0\\6')",
     "datetime.datetime(2020, 1, 2, 3, 4, 5, 6)", "2020-01-02 03:04:05.000006"},
    {"datetime.datetime(b'\\x07\\xe4\\x81\\2\\0\\0\\0\\0\\0\\0')",
     "datetime.datetime(2020, 1, 2, 0, 0, fold=1)", "2020-01-02 00:00:00"},
    {"datetime.time(b'\\1\\0\\0\\0\\0\\0', datetime.timezone(datetime.timedelta(0, 0, 0)))",
     "datetime.time(1, 0, tzinfo=datetime.timezone.utc)", "01:00:00+00:00"},
    {"datetime.timedelta(-1, 3, 5)", "datetime.timedelta(days=-1, seconds=3, microseconds=5)",
     "-1 day, 0:00:03.000005"},
    {"datetime.timedelta(0, 0, 0)", "datetime.timedelta(0)", "0:00:00"},
    {"datetime.timezone(datetime.timedelta(-1, 82800, 0))",
     "datetime.timezone(datetime.timedelta(days=-1, seconds=82800))", "UTC-01:00"},
    {"datetime.timezone(datetime.timedelta(0, 3600, 0), 'X')",
     "datetime.timezone(datetime.timedelta(seconds=3600), 'X')", "X"},
    {"pathlib.PurePosixPath('/', 'a', 'b')", "PurePosixPath('/a/b')", "/a/b"},
    {"pathlib.PurePosixPath()", "PurePosixPath('.')", "."},
    {"collections.deque((), 3) & append [1, 2]", "deque([1, 2], maxlen=3)", NULL},
    {"collections.deque()", "deque([])", NULL},
    {"collections.OrderedDict() & set {'a': 1}", "OrderedDict([('a', 1)])", NULL},
    {"collections.OrderedDict()", "OrderedDict()", NULL},
    {"collections.defaultdict(None) & set {'a': 1}", "defaultdict(None, {'a': 1})", NULL},
    {"collections.Counter({'a': 1, 'b': 5, 'c': 5})", "Counter({'b': 5, 'c': 5, 'a': 1})", NULL},
    {"collections.Counter({})", "Counter()", NULL},
    {"collections.UserList() & state {'data': [1]}", "[1]", NULL},
    {"ValueError()", "ValueError()", ""},
    {"ValueError('x')", "ValueError('x')", "x"},
    {"ValueError('x', 1)", "ValueError('x', 1)", "('x', 1)"},
    {"KeyError('a')", "KeyError('a')", "'a'"},
    {"FileNotFoundError(2, 'No')", "FileNotFoundError(2, 'No')", "[Errno 2] No"},
    {"FileNotFoundError(2, 'No', 'f')", "FileNotFoundError(2, 'No')", "[Errno 2] No: 'f'"},
    {"queue.Full()", "Full()", ""},
    {"multiprocessing.managers.Namespace() & state {'a': 1, '_b': 2, 'c': 'x'}",
     "Namespace(a=1, c='x')", NULL},
    {"multiprocessing.managers.Value() & state {'_typecode': 'i', '_value': 3}", "Value('i', 3)",
     NULL},
    {"types.SimpleNamespace() & state {'a': 1, '_b': 2}", "namespace(a=1, _b=2)", NULL},
    {"multiprocessing.managers.Token() & state ('list', ('h', 1), '7f')",
     "Token(typeid='list', address=('h', 1), id='7f')", NULL},
    {"multiprocessing.reduction._rebuild_partial(None, (1,), {'b': 2})",
     "functools.partial(None, 1, b=2)", NULL},
    {"m.Color(1)", "m.Color(1)", NULL},
};

static void objects_of_the_standard_library_print_as_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
        struct sm_value v = recipe(&tree, objects[i].recipe);
        struct buffer out = {0};

        assert_string_equal(repr_in(&tree, v, 11), objects[i].repr);
        assert_int_equal(value_str(&out, v, 11), 0);
        buffer_add_byte(&out, '\0');
        assert_string_equal((const char *)out.data,
                            objects[i].str ? objects[i].str : objects[i].repr);
        buffer_deinit(&out);
    }
}

static void ordered_dicts_print_by_version(void **state)
{
    struct sm_value v = recipe(&tree, "collections.OrderedDict() & set {'a': 1}");

    (void)state;
    assert_string_equal(repr_in(&tree, v, 11), "OrderedDict([('a', 1)])");
    assert_string_equal(repr_in(&tree, v, 12), "OrderedDict({'a': 1})");
}

static void classes_and_functions_print_by_name(void **state)
{
    static const struct {
        const char *module, *name, *repr;
    } cases[] = {
        {"builtins", "int", "<class 'int'>"},
        {"builtins", "len", "<built-in function len>"},
        {"builtins", "ValueError", "<class 'ValueError'>"},
        {"collections", "deque", "<class 'collections.deque'>"},
        {"decimal", "Decimal", "<class 'decimal.Decimal'>"},
        {"_operator", "add", "<built-in function add>"},
        {"m", "C.Inner", "<class 'm.C.Inner'>"},
        {"builtins", "NotImplemented", "NotImplemented"},
    };
    struct sm_value v;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(tree_global(&tree, cases[i].module, cases[i].name, &v), 0);
        assert_string_equal(repr_in(&tree, v, 11), cases[i].repr);
    }
}

static void assert_begins(const char *text, const char *begin)
{
    if (strncmp(text, begin, strlen(begin)) != 0)
        fail_msg("%s does not begin with %s", text, begin);
}

static void what_is_not_known_prints_as_an_object(void **state)
{
    struct sm_value f;

    (void)state;
    assert_int_equal(tree_global(&tree, "m", "f", &f), 0);
    assert_begins(repr_in(&tree, f, 11), "<function f at 0x7f");
    assert_begins(repr_in(&tree, recipe(&tree, "m.C()"), 11), "<m.C object at 0x7f");
    assert_begins(repr_in(&tree, recipe(&tree, "m.C(1) & state {}"), 11), "<m.C object at 0x7f");
    assert_begins(repr_in(&tree, recipe(&tree, "object()"), 11), "<object object at 0x7f");
    assert_begins(repr_in(&tree, recipe(&tree, "iter([1])"), 11), "<list_iterator object at 0x7f");
    assert_begins(repr_in(&tree, recipe(&tree, "datetime.date(b'no')"), 11),
                  "<datetime.date object at 0x7f");
}

static void attributes_are_shown(void **state)
{
    struct sm_value v = recipe(&tree, "m.C() & state {'a': 1, 'b': 'x'}");
    struct sm_value slots = recipe(&tree, "m.C() & state (None, {'a': 1})");

    (void)state;
    v.object->make = slots.object->make = SM_MAKE_NEW;
    assert_string_equal(repr_in(&tree, v, 11), "C(a=1, b='x')");
    assert_string_equal(repr_in(&tree, slots, 11), "C(a=1)");
    slots.object->args = v; /* a peer may send what it likes */
    assert_begins(repr_in(&tree, slots, 11), "<m.C object at 0x7f");
}

static void proxies_tell_their_typeid(void **state)
{
    struct sm_value v = recipe(&tree, "multiprocessing.managers.RebuildProxy(0, 0, 'pickle', {})");
    struct sm_value *arg = v.object->args.items->item;

    (void)state;
    arg[1] = recipe(&tree, "multiprocessing.managers.Token() & state ('Queue', ('h', 1), '7f')");
    assert_int_equal(tree_global(&tree, "multiprocessing.managers", "ListProxy", &arg[0]), 0);
    assert_begins(repr_in(&tree, v, 11), "<ListProxy object, typeid 'Queue' at 0x7f");
    assert_int_equal(tree_global(&tree, "multiprocessing.managers", "AutoProxy", &arg[0]), 0);
    assert_begins(repr_in(&tree, v, 11), "<AutoProxy[Queue] object, typeid 'Queue' at 0x7f");
}

static void a_deque_inside_itself_is_not_entered(void **state)
{
    struct sm_value v = recipe(&tree, "collections.deque() & append [1, 2]");

    (void)state;
    v.object->steps[1].value = v;
    assert_string_equal(repr_in(&tree, v, 11), "deque([1, [...]])");
}

static void a_container_inside_itself_is_not_entered(void **state)
{
    struct sm_value v;

    (void)state;
    assert_int_equal(tree_items(&tree, SM_KIND_LIST, 1, &v), 0);
    v.items->item[0] = v;
    assert_string_equal(repr_in(&tree, v, 11), "[[...]]");
    v.kind = SM_KIND_TUPLE;
    v.items->item[0] = v;
    assert_string_equal(repr_in(&tree, v, 11), "((...),)");
    assert_int_equal(tree_items(&tree, SM_KIND_DICT, 2, &v), 0);
    v.items->item[0] = sm_int(1);
    v.items->item[1] = v;
    assert_string_equal(repr_in(&tree, v, 11), "{1: {...}}");
}

static void what_is_shared_but_not_recursive_is_printed_each_time(void **state)
{
    struct sm_value inner = parse(&tree, "[1]");
    struct sm_value outer = parse(&tree, "[0, 0]");

    (void)state;
    outer.items->item[0] = outer.items->item[1] = inner;
    assert_string_equal(repr_in(&tree, outer, 11), "[[1], [1]]");
}

static void values_without_end_are_refused(void **state)
{
    static char text[1024 * 1024];
    struct buffer out = {0};
    struct sm_value v = sm_strn(text, sizeof(text));

    (void)state;
    memset(text, 'x', sizeof(text));
    for (int i = 0; i < 64; i++) {
        struct sm_value twice = {0};

        assert_int_equal(tree_items(&tree, SM_KIND_LIST, 2, &twice), 0);
        twice.items->item[0] = twice.items->item[1] = v;
        v = twice;
    }
    assert_int_equal(value_repr(&out, v, 11), -ELOOP);
    buffer_deinit(&out);
}

static void ints_are_printed_up_to_pythons_limit(void **state)
{
    static uint8_t bytes[4000];
    struct sm_value v = {.kind = SM_KIND_BIGINT, .bytes = bytes};
    struct buffer out = {0};

    (void)state;
    bytes[1785] = 1; /* 2**14280: 4299 digits */
    v.len = 1786;
    assert_int_equal(value_repr(&out, v, 11), 0);
    assert_int_equal(out.len, 4299);
    bytes[1786] = 1; /* 4301 digits */
    v.len = 1787;
    assert_int_equal(value_repr(&out, v, 11), -ERANGE);
    bytes[3999] = 1;
    v.len = 4000;
    assert_int_equal(value_repr(&out, v, 11), -ERANGE);
    buffer_deinit(&out);
}

static void str_of_text_is_the_text(void **state)
{
    struct buffer out = {0};

    (void)state;
    assert_int_equal(value_str(&out, parse(&tree, "'it\\'s'"), 11), 0);
    assert_int_equal(out.len, 4);
    assert_memory_equal(out.data, "it's", 4);
    buffer_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repr_of_plain_values_is_their_literal),
        cmocka_unit_test(objects_of_the_standard_library_print_as_there),
        cmocka_unit_test(ordered_dicts_print_by_version),
        cmocka_unit_test(classes_and_functions_print_by_name),
        cmocka_unit_test(what_is_not_known_prints_as_an_object),
        cmocka_unit_test(attributes_are_shown),
        cmocka_unit_test(proxies_tell_their_typeid),
        cmocka_unit_test(a_deque_inside_itself_is_not_entered),
        cmocka_unit_test(a_container_inside_itself_is_not_entered),
        cmocka_unit_test(what_is_shared_but_not_recursive_is_printed_each_time),
        cmocka_unit_test(values_without_end_are_refused),
        cmocka_unit_test(ints_are_printed_up_to_pythons_limit),
        cmocka_unit_test(str_of_text_is_the_text),
    };

    return run_group(tests, make_tree, drop_tree);
}
