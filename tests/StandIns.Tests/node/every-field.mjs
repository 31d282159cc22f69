// A message with fields of every kind, as proto-loader takes it and as proto3's JSON says it.
// (Without a false key: this client writes true for it.)
const bytes = (...values) => Buffer.from(values);

export const everyField = {
  double_value: 1.5, float_value: 2.5, int32_value: -2147483648, int64_value: '-9223372036854775808', uint32_value: 4294967295,
  uint64_value: '18446744073709551615', sint32_value: -7, sint64_value: '-8', fixed32_value: 9, fixed64_value: '10',
  sfixed32_value: -11, sfixed64_value: '-12', bool_value: true, string_value: 'text \u00e9 \u{1f331}', bytes_value: bytes(0, 255),
  colour: 'COLOUR_GREEN', size: 'SIZE_LARGE', nested: { text: 'outer', inner: { text: 'inner' } },

  doubles: [1, 2.5, -3], packed_numbers: [1, -1, 300], unpacked_numbers: [1, -1, 300], signed_numbers: ['-1', '1'], fixed_numbers: [1, 2],
  flags: [true, false], texts: ['a', ''], blobs: [bytes(1), bytes()], colours: ['COLOUR_RED', 'COLOUR_UNSPECIFIED'], nested_list: [{ text: 'n' }, {}],

  text_by_text: { a: 'b' }, number_by_number: { '-1': '1', 0: '2' }, double_by_flag: { true: 1.5 }, blob_by_fixed: { 258: bytes(7) },
  colour_by_signed: { '-5': 'COLOUR_RED' }, nested_by_number: { '18446744073709551615': { text: 'm' } }, value_by_text: { x: { boolValue: true } },

  maybe_number: 0, maybe_text: '', maybe_flag: false, maybe_blob: bytes(), maybe_colour: 'COLOUR_UNSPECIFIED', maybe_nested: {},
  choice_nested: { text: 'chosen' },

  timestamp: { seconds: '1767323045', nanos: 678000000 }, duration: { seconds: '90', nanos: 500000000 },
  any: { type_url: 'type.googleapis.com/modelgarden.standins.v1.EveryField.Nested', value: bytes(0x0a, 1, 0x70) },
  struct: { fields: { k: { listValue: { values: [{ numberValue: 1 }, { nullValue: 'NULL_VALUE' }] } } } }, value: { stringValue: 'v' },
  list: { values: [{ stringValue: 'two' }] }, mask: { paths: ['name', 'labels'] }, empty: {}, timestamps: [{}, { seconds: '1' }],

  double_wrapper: { value: 1.5 }, float_wrapper: { value: 2.5 }, int64_wrapper: { value: '-3' }, uint64_wrapper: { value: '4' },
  int32_wrapper: { value: -5 }, uint32_wrapper: { value: 6 }, bool_wrapper: {}, string_wrapper: { value: 'wrapped' }, bytes_wrapper: { value: bytes(8) },

  renamed_in_json: 'other', last_number: 99,
};

export const everyFieldInJson = {
  doubleValue: 1.5, floatValue: 2.5, int32Value: -2147483648, int64Value: '-9223372036854775808', uint32Value: 4294967295,
  uint64Value: '18446744073709551615', sint32Value: -7, sint64Value: '-8', fixed32Value: 9, fixed64Value: '10',
  sfixed32Value: -11, sfixed64Value: '-12', boolValue: true, stringValue: 'text \u00e9 \u{1f331}', bytesValue: 'AP8=',
  colour: 'COLOUR_GREEN', size: 'SIZE_LARGE', nested: { text: 'outer', inner: { text: 'inner' } },

  doubles: [1, 2.5, -3], packedNumbers: [1, -1, 300], unpackedNumbers: [1, -1, 300], signedNumbers: ['-1', '1'], fixedNumbers: [1, 2],
  flags: [true, false], texts: ['a', ''], blobs: ['AQ==', ''], colours: ['COLOUR_RED', 'COLOUR_UNSPECIFIED'], nestedList: [{ text: 'n' }, {}],

  textByText: { a: 'b' }, numberByNumber: { '-1': '1', 0: '2' }, doubleByFlag: { true: 1.5 }, blobByFixed: { 258: 'Bw==' },
  colourBySigned: { '-5': 'COLOUR_RED' }, nestedByNumber: { '18446744073709551615': { text: 'm' } }, valueByText: { x: true },

  maybeNumber: 0, maybeText: '', maybeFlag: false, maybeBlob: '', maybeColour: 'COLOUR_UNSPECIFIED', maybeNested: {},
  choiceNested: { text: 'chosen' },

  timestamp: '2026-01-02T03:04:05.678Z', duration: '90.500s',
  any: { '@type': 'type.googleapis.com/modelgarden.standins.v1.EveryField.Nested', text: 'p' },
  struct: { k: [1, null] }, value: 'v',
  list: ['two'], mask: 'name,labels', empty: {}, timestamps: ['1970-01-01T00:00:00Z', '1970-01-01T00:00:01Z'],

  doubleWrapper: 1.5, floatWrapper: 2.5, int64Wrapper: '-3', uint64Wrapper: '4',
  int32Wrapper: -5, uint32Wrapper: 6, boolWrapper: false, stringWrapper: 'wrapped', bytesWrapper: 'CA==',

  otherName: 'other', lastNumber: 99,
};
