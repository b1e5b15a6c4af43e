import type { DescEnum, DescField, DescFile, DescMessage } from '@bufbuild/protobuf';

/** Comment before a message, field or enum in its .proto file; empty where there is none. */
export type Comments = (of: DescMessage | DescField | DescEnum) => string;

// Field numbers of google.protobuf.FileDescriptorProto and DescriptorProto, of which comment positions are made.
const MESSAGE_OF_FILE = 4;
const NESTED_MESSAGE = 3;
const FIELD = 2;

export function readComments(files: readonly DescFile[]): Comments {
  const found = new Map<unknown, string>();
  for (const file of files) {
    const byPath = new Map<string, string>();
    for (const location of file.proto.sourceCodeInfo?.location ?? []) {
      const text = (location.leadingComments || location.trailingComments).trim();
      if (text) byPath.set(location.path.join('.'), text.replace(/\s*\n\s*/g, ' '));
    }
    const visit = (message: DescMessage, path: string) => {
      found.set(message, byPath.get(path) ?? '');
      message.fields.forEach((field) => {
        found.set(field, byPath.get(`${path}.${FIELD}.${message.proto.field.indexOf(field.proto)}`) ?? '');
      });
      for (const nested of message.nestedMessages) {
        visit(nested, `${path}.${NESTED_MESSAGE}.${message.proto.nestedType.indexOf(nested.proto)}`);
      }
    };
    file.messages.forEach((message) => {
      visit(message, `${MESSAGE_OF_FILE}.${file.proto.messageType.indexOf(message.proto)}`);
    });
  }
  return (of) => found.get(of) ?? '';
}
