import {
  type BindRequest,
  ExtendedRequest,
  type ExtendedResponse,
  ModifyRequest,
  SearchRequest,
  type SearchResponse,
} from 'ldapts';
import type { DirectoryEntry } from '../../ports/directory.ts';
import { Tag } from './ber.ts';
import type { AnswerParts } from './result-code.ts';

/** What can be asked; ldapts writes it. */
export type Request = BindRequest | ExtendedRequest | ModifyRequest | SearchRequest;

/** The last answer to a request. */
export type Response = (SearchResponse | ExtendedResponse) & { readonly parts: AnswerParts };

/** Takes what a search yields before its last answer. */
export interface SearchSink {
  entry(entry: DirectoryEntry): void;
  reference(urls: readonly string[]): void;
  /** Whether more would only pile up. */
  full(): boolean;
  /** Whether so much has come, and is still to come, that a millisecond does not matter. */
  patient(): boolean;
}

/** A request under way. */
export interface Exchange {
  readonly messageId: number;
  readonly response: Promise<Response>;
}

/** What is waited for under a message's number. */
export interface Awaited {
  /** The tag of the answer that ends it. */
  readonly answer: number;
  /** Of a search: gets its entries. */
  readonly sink: SearchSink | undefined;
}

/** The tag of the answer that a request is owed. */
export function answerTo(request: Request): number {
  if (request instanceof SearchRequest) {
    return Tag.searchDone;
  }
  if (request instanceof ModifyRequest) {
    return Tag.modifyResponse;
  }
  return request instanceof ExtendedRequest ? Tag.extendedResponse : Tag.bindResponse;
}
