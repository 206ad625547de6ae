// Lists that are read page by page.

export interface Page<T> {
  items: T[];
  next?: string;
}

export interface PageRequest {
  cursor?: string;
  limit?: number;
}
