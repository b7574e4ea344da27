// Tables, whose columns can be sorted if they say by what.
import { html } from 'htm/preact';
import type { ComponentChildren, VNode } from 'preact';
import { useState } from 'preact/hooks';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** What to sort by; numbers from the largest on first. */
  readonly sort?: (row: Row) => number | string;
  readonly isNumber?: boolean;
  /** The cell that names the row. */
  readonly isHead?: boolean;
}

interface Properties<Row> {
  readonly caption: string;
  readonly rows: readonly Row[];
  readonly columns: ReadonlyArray<Column<Row>>;
  readonly keyOf: (row: Row) => string;
  readonly empty: string;
}

interface Order {
  readonly column: number;
  readonly isReversed: boolean;
}

export function Table<Row>({ caption, rows, columns, keyOf, empty }: Properties<Row>): VNode {
  const [order, setOrder] = useState<Order | undefined>(undefined);
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`;
  const choose = (column: number) => setOrder({ column, isReversed: order?.column === column && !order.isReversed });
  const head = columns.map((column, at) => {
    const direction = order?.column === at ? (order.isReversed === (column.isNumber ?? false) ? 'ascending' : 'descending') : undefined;
    const title = column.sort === undefined ? column.title : html`<button type="button" class="sort" onClick=${() => choose(at)}>${column.title}<span aria-hidden="true">${direction === undefined ? '' : direction === 'ascending' ? ' ↑' : ' ↓'}</span></button>`;
    return html`<th scope="col" class=${column.isNumber ? 'number' : ''} aria-sort=${direction}>${title}</th>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${caption}>
    <table>
      <caption class="hidden">${caption}</caption>
      <thead><tr>${head}</tr></thead>
      <tbody>${sorted(rows, columns, order).map((row) => html`<tr key=${keyOf(row)}>${columns.map((column) => cellOf(column, row))}</tr>`)}</tbody>
    </table>
  </div>`;
}

function cellOf<Row>({ cell, isNumber, isHead }: Column<Row>, row: Row): VNode {
  return isHead ? html`<th scope="row" class=${isNumber ? 'number' : ''}>${cell(row)}</th>` : html`<td class=${isNumber ? 'number' : ''}>${cell(row)}</td>`;
}

function sorted<Row>(rows: readonly Row[], columns: ReadonlyArray<Column<Row>>, order: Order | undefined): readonly Row[] {
  const column = order === undefined ? undefined : columns[order.column];
  const by = column?.sort;
  if (order === undefined || by === undefined) return rows;
  const sign = (column?.isNumber ? -1 : 1) * (order.isReversed ? -1 : 1);
  return rows.toSorted((a, b) => {
    const [x, y] = [by(a), by(b)];
    return sign * (x < y ? -1 : x > y ? 1 : 0);
  });
}

/** A part of a whole as a bar with its percentage; `warns` colours a whole that is nearly full. */
export function Fill({ part, whole, warns = false }: { part: number; whole: number; warns?: boolean }): VNode {
  const share = whole > 0 ? Math.min(1, part / whole) : 0;
  return html`<span class="fill"><span class="fill-bar" aria-hidden="true"><span class=${warns && share > 0.95 ? 'fill-part full' : 'fill-part'} style=${{ width: `${share * 100}%` }}></span></span>${Math.round(share * 100)}%</span>`;
}
