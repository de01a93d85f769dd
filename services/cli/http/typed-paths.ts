// Types only: from the `paths` that are generated from an OpenAPI document to what a call may be given and what it answers.
// A path, a body or a query parameter that the document does not have is a type error at the place of the call.

export type Verb = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** The paths of the document that have the verb. */
export type PathsWith<Paths, V extends Verb> = {
  [P in keyof Paths]: Paths[P] extends Record<V, object> ? P : never;
}[keyof Paths] &
  string;

export type OperationOf<Paths, P extends keyof Paths, V extends Verb> = Paths[P] extends Record<V, infer O> ? O : never;

type Success = 200 | 201 | 202 | 204 | 300;
type JsonOf<R> = R extends { content: { 'application/json': infer T } } ? T : undefined;

/** The body of the successful answer; undefined when it has none. */
export type AnswerOf<O> = O extends { responses: infer R } ? JsonOf<R[keyof R & Success]> : never;

type ParameterNames<P extends string> = P extends `${string}{${infer N}}${infer Rest}`
  ? N | ParameterNames<Rest>
  : never;

type PathPart<P extends string> = [ParameterNames<P>] extends [never]
  ? { readonly path?: undefined }
  : { readonly path: Readonly<Record<ParameterNames<P>, string>> };

/** Filters of lists are any column of the resource, so the documents name only the common parameters; checked at run time. */
interface QueryPart {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** Beside token and microversion, such as the token that a question is about. */
interface HeaderPart {
  readonly headers?: Readonly<Record<string, string>>;
}

/** The image service's own type for changes; the caller sends it as a header. */
type PatchBody<O> = O extends {
  requestBody: { content: { 'application/openstack-images-v2.1-json-patch': infer B } };
}
  ? { readonly body: B }
  : { readonly body?: undefined };

type BodyPart<O> = O extends { requestBody: { content: { 'application/json': infer B } } }
  ? { readonly body: B }
  : O extends { requestBody?: { content: { 'application/json': infer B } } }
    ? { readonly body?: B }
    : PatchBody<O>;

/** What a call takes: the parameters of its path, its query, its body and further headers. */
export type CallOf<P extends string, O> = PathPart<P> & QueryPart & BodyPart<O> & HeaderPart;
