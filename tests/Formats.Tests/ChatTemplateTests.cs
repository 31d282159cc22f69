using System.Text;
using System.Text.Json;

namespace ModelGarden.Formats.Tests;

public sealed class ChatTemplateTests
{
    /// <summary>In the style of public models: of Llama, Mistral, Qwen, Gemma, Phi, DeepSeek, Zephyr, Command R, Granite.</summary>
    public static TheoryData<string> Ordinary =>
    [
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
        "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token}}{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}",
        "{%- if messages[0]['role'] == 'system' %}{%- set loop_messages = messages[1:] %}{%- set system_message = messages[0]['content'].strip() + '\\n\\n' %}{%- else %}{%- set loop_messages = messages %}{%- set system_message = '' %}{%- endif %}{{ bos_token }}{%- for message in loop_messages %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{%- endfor %}",
        "{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}{%- for message in messages[::-1] %}{%- set index = (messages|length - 1) - loop.index0 %}{%- if ns.multi_step_tool and message.role == \"user\" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}{%- set ns.multi_step_tool = false %}{%- set ns.last_query_index = index %}{%- endif %}{%- endfor %}",
        "{%- if tools %}{{- '<|im_start|>system\\n' }}{%- for tool in tools %}{{- \"\\n\" }}{{- tool | tojson }}{%- endfor %}{{- \"\\n</tools>\\n\\nFor each function call, return a json object:\\n<tool_call>\\n{\\\"name\\\": <function-name>, \\\"arguments\\\": <args-json-object>}\\n</tool_call><|im_end|>\\n\" }}{%- endif %}",
        "{%- if not date_string is defined %}{%- if strftime_now is defined %}{%- set date_string = strftime_now(\"%d %b %Y\") %}{%- else %}{%- set date_string = \"26 Jul 2024\" %}{%- endif %}{%- endif %}{{- \"Today Date: \" + date_string + \"\\n\\n\" }}{%- for arg_name, arg_val in tool_call.arguments | items %}{{- arg_name + '=\"' + arg_val + '\"' }}{%- if not loop.last %}{{- \", \" }}{%- endif %}{%- endfor %}",
        "{# a comment with __class__ in it #}{% raw %}{{ x.__class__ }}{% endraw %}text with __globals__ outside of tags{% set content = message['content'].split('</think>')[-1].lstrip('\\n') %}{{ content }}",
        "{%- macro render_extra_keys(json_dict, handled_keys) -%}{%- if json_dict is mapping %}{%- for json_key in json_dict if json_key not in handled_keys %}{{- '\\n<' ~ json_key ~ '>' ~ (json_dict[json_key] | tojson | safe) ~ '</' ~ json_key ~ '>' }}{%- endfor %}{%- endif %}{%- endmacro -%}{%- set tool_calls = messages | selectattr('role', 'equalto', 'tool') | map(attribute='content') | join('\\n') %}",
        "{% generation %}{{ message['content'] | replace('_', '-') }}{% endgeneration %}{{ 'call_' ~ loop.index }}{% if messages | length > 1000 %}{% break %}{% endif %}{{ {\"a\": {\"b\": 1}} | tojson }}",
        "{{ messages[loop.index0 % 2]['content'] | replace('a', 'b') | trim }}{{ ['user', 'assistant'][loop.index0 % 2] }}{{ names['a' if x else 'b'] }}{{ x['text_' ~ lang] }}{{ message['content'].split('</s>')[-1].strip('\\n') }}",
        "{{ messages[messages | selectattr('role', 'equalto', 'user') | list | length - 1]['content'] }}{% set role = message.role | replace('tool', 'user') %}{{ roles[role] }}{% set text = '%s: %s' | format(role, 'x') %}{{ text }}",
        "{% for role in ['user'|trim, 'tool'] %}{{ messages | selectattr('role', 'in', ['user', 'tool']) | map(attribute='content') | join('\\n') }}{{ 'Tools: {}'.format(names | join(', ')) }}{{ message.content[0].text[:10] }}{% endfor %}",
        "no tags at all { } % #",
        "",
    ];

    public static TheoryData<string, string> Hostile => new()
    {
        { "{{ ''.__class__.__mro__[1].__subclasses__() }}", "dunder" },
        { "{{ self.__init__.__globals__.__builtins__ }}", "dunder" },
        { "{{ ''['__class__'] }}", "dunder" },
        { "{{ ''[\"\\x5f\\x5fclass\\x5f\\x5f\"] }}", "dunder" },
        { "{{ ''['\\137\\137class\\137\\137'] }}", "dunder" },
        { "{{ ''['\\u005f\\u005fglobals\\u005f\\u005f'] }}", "dunder" },
        { "{{ ''['__cla' ~ 'ss__'] }}", "dunder" },
        { "{{ ''['__cla' + 'ss__'] }}", "dunder" },
        { "{{ ''['__cla' 'ss__'] }}", "dunder" },
        { "{{ ''['_' * 2 + 'class' + '_' * 2] }}", "dunder" },
        { "{% set a = '_' %}{% set b = a ~ a %}{{ ''[b ~ 'class' ~ b] }}", "dunder" },
        { "{{ ()|attr('__class__') }}", "dunder" },
        { "{{ '{0.__class__}'.format(x) }}", "dunder" },
        { "{{ messages|map(attribute='__class__')|list }}", "dunder" },
        { "{{ cycler.__init__ }}", "dunder" },
        { "{%- if x.__import__('os') -%}{%- endif -%}", "dunder" },
        { "{{ {'a': x.__dict__} }}", "dunder" },
        { "{{ '__ssalc__'[::-1] }}", "underscores" },
        { "{{ ['__', 'class', '__']|join }}", "underscores" },
        { "{{ x|attr(name) }}", "attr" },
        { "{{ x | attr ( name ) }}", "attr" },
        { "{{ [x]|map('attr', name)|list }}", "attr" },
        { "{{ x._private }}", "private" },
        { "{{ self._TemplateReference__context }}", "private" },
        { "{{ lipsum.f }}", "object" },
        { "{{ cycler['x'] }}", "object" },
        { "{{ joiner|list }}", "object" },
        { "{{ namespace.x }}", "object" },
        { "{{ config.items() }}", "object" },
        { "{{ x.gi_frame.f_builtins }}", "gadget" },
        { "{{ x['gi_frame'] }}", "gadget" },
        { "{{ x['f_glo' ~ 'bals'] }}", "gadget" },
        { "{{ os.popen('id').read() }}", "gadget" },
        { """{{ ""["_xclass_x"|replace("x","_")]["_xmro_x"|replace("x","_")][1]["_xsubclasses_x"|replace("x","_")]() }}""", "computed" },
        { """{{ ""["%s%sclass%s%s"|format("_","_","_","_")] }}""", "computed" },
        { """{{ ""["%s%sclass%s%s" % ("_","_","_","_")] }}""", "computed" },
        { """{{ ""[("%s"*2 ~ "class") % ("_","_")] }}""", "computed" },
        { """{{ ""["{}{}class{}{}".format("_","_","_","_")] }}""", "computed" },
        { """{{ ""["_xclass_x".replace("x","_")] }}""", "computed" },
        { """{{ ""[("_xclass_x")|replace("x","_")] }}""", "computed" },
        { """{{ ""[["_","_","class","_","_"]|join] }}""", "computed" },
        { """{{ ""["".join(["_","_class_","_"])] }}""", "computed" },
        { """{{ ""["_ssalc_"[::-1]] }}""", "computed" },
        { """{{ ""["x".center(9, "_")] }}""", "computed" },
        { """{% set a = "_xclass_x" %}{{ ""[a|replace("x","_")] }}""", "computed" },
        { """{% set a = "_xclass_x"|replace("x","_") %}{{ ""[a] }}""", "computed" },
        { """{% set a = ["_","_class_","_"]|join %}{{ ""[a] }}""", "computed" },
        { """{% set a|replace("x","_") %}_xclass_x{% endset %}{{ ""[a] }}""", "computed" },
        { """{% with b = 1, a = "_xclass_x"|replace("x","_") %}{{ ""[a] }}{% endwith %}""", "computed" },
        { """{{ [x]|map(attribute="_xclass_x"|replace("x","_"))|list }}""", "computed" },
        { """{{ [x]|groupby("_xclass_x"|replace("x","_")) }}""", "computed" },
        { """{{ ("{0._xclass_x}"|replace("x","_")).format(y) }}""", "computed" },
        { """{{ x[["_xclass_x"]|map("replace","x","_")|first] }}""", "computed" },
        { "{% import 'x' as y %}", "import" },
        { "{% include '/etc/passwd' %}", "import" },
        { "{% extends 'x' %}", "import" },
        { "{% from 'x' import y %}", "import" },
        { "{% for i in range(999999999) %}x{% endfor %}", "number" },
        { "{{ 'x' * 10_000_000 }}", "number" },
        { "{{ 9 ** 9 ** 9 }}", "number" },
        { "{{ 'x' * 0xFFFFFFF }}", "number" },
        { "{{ '%c%c' % (95, 95) }}", "spelling" },
        { "{{ '\\N{LOW LINE}' }}", "spelling" },
        { "{{ messages", "broken" },
        { "{% if x", "broken" },
        { "{{ 'text }}", "broken" },
        { "{# comment", "broken" },
        { "{% raw %}{{ x }}", "broken" },
        { "{% raw %}{%}{% endraw %", "broken" },
        { "{{ (x }}", "broken" },
        { "{{ x) }}", "broken" },
    };

    [Theory]
    [MemberData(nameof(Ordinary))]
    public void Template_OfAnOrdinaryModel_IsClean(string template)
    {
        Checks.AssertClean(Checks.Examine("chat_template.jinja", Encoding.UTF8.GetBytes(template)), template.Length == 0 ? FileFormat.Empty : FileFormat.Text);
        Checks.AssertClean(Checks.Examine("tokenizer_config.json", Json(new { chat_template = template })), FileFormat.Json);
        Checks.AssertClean(Checks.Examine("a.gguf", new GgufBuilder().Text("tokenizer.chat_template", template).Build()), FileFormat.Gguf);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Template_WithInjection_IsRefused(string template, string rule)
    {
        AssertRefused(Checks.Examine("chat_template.jinja", Encoding.UTF8.GetBytes(template)), rule);
        AssertRefused(Checks.Examine("tokenizer_config.json", Json(new { a = 1, chat_template = template })), rule);
        AssertRefused(Checks.Examine("chat_template.json", Json(new { chat_template = new[] { new { name = "default", template = "{{ x }}" }, new { name = "tool_use", template } } })), rule);
        AssertRefused(Checks.Examine("a.gguf", new GgufBuilder().Text("tokenizer.chat_template", template).Build()), rule);
        AssertRefused(Checks.Examine("a.gguf", new GgufBuilder().Text("tokenizer.chat_template", "x").Text("tokenizer.chat_template.tool_use", template).Build()), rule);
    }

    [Fact]
    public void Key_SpelledWithEscapes_IsSeen() =>
        AssertRefused(Checks.Examine("x.json", Encoding.UTF8.GetBytes("""{"a":{"chat\u005ftemplate":"{{ x.__class__ }}"}}""")), "dunder");

    [Fact]
    public void Json_BehindTheTemplate_IsNotTakenForOne() => Checks.AssertClean(
        Checks.Examine("x.json", Json(new { chat_template = new[] { new { name = "a", template = "x" } }, other = "{{ x.__class__ }}", list = new[] { "{{ y.__class__ }}" } })), FileFormat.Json);

    [Fact]
    public void Template_TooLong_IsSuspiciousAndItsBeginningSeen()
    {
        var template = "{{ x.__class__ }}" + new string('t', 70_000);

        AssertRefused(Checks.Examine("a.gguf", new GgufBuilder().Text("tokenizer.chat_template", template).Build()), "too-long");
        AssertRefused(Checks.Examine("a.jinja", Encoding.UTF8.GetBytes(template)), "too-long");
        AssertRefused(Checks.Examine("a.json", Json(new { chat_template = template })), "dunder");
    }

    [Fact]
    public void Templates_TooMany_AreSuspicious() =>
        AssertRefused(Checks.Examine("a.json", Json(new { chat_template = Enumerable.Repeat(new { template = "x" }, 70).ToArray() })), "too-many");

    private static byte[] Json(object value) => JsonSerializer.SerializeToUtf8Bytes(value);

    private static void AssertRefused(Examination examination, string rule)
    {
        Assert.True(examination.Findings.Any(finding => finding.Rule == $"template.{rule}"), $"expected {rule}, found: {string.Join("; ", examination.Findings)}");
        Assert.Equal(rule is "dunder" or "gadget" ? Verdict.Malicious : examination.Verdict, examination.Verdict);
        Assert.NotEqual(Verdict.Clean, examination.Verdict);
    }
}
