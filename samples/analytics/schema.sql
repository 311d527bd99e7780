-- A retailer's warehouse: a snowflake of three fact tables around shared dimensions (PostgreSQL 15).
--
-- It has primary keys and nothing else, as it is left by a nightly load. Foreign keys without an index, dates without
-- one, wide rows of which queries read two columns: the room that an index adviser has is all of it.

-- Dimensions -----------------------------------------------------------------------------------

CREATE TABLE countries (
    id      smallint PRIMARY KEY,
    name    varchar(40) NOT NULL,
    region  varchar(20) NOT NULL
);

CREATE TABLE cities (
    id          integer PRIMARY KEY,
    country_id  smallint NOT NULL REFERENCES countries,
    name        varchar(40) NOT NULL,
    population  integer NOT NULL
);

CREATE TABLE stores (
    id         integer PRIMARY KEY,
    city_id    integer NOT NULL REFERENCES cities,
    format     varchar(12) NOT NULL,
    opened_on  date NOT NULL,
    floor_m2   integer NOT NULL
);

CREATE TABLE categories (
    id          integer PRIMARY KEY,
    department  varchar(20) NOT NULL,
    name        varchar(40) NOT NULL
);

CREATE TABLE brands (
    id          integer PRIMARY KEY,
    country_id  smallint NOT NULL REFERENCES countries,
    name        varchar(40) NOT NULL,
    is_own      boolean NOT NULL
);

CREATE TABLE products (
    id           integer PRIMARY KEY,
    category_id  integer NOT NULL REFERENCES categories,
    brand_id     integer NOT NULL REFERENCES brands,
    name         varchar(60) NOT NULL,
    list_price   numeric(10,2) NOT NULL,
    launched_on  date NOT NULL,
    weight_g     integer
);

CREATE TABLE promotions (
    id         integer PRIMARY KEY,
    kind       varchar(12) NOT NULL,
    starts_on  date NOT NULL,
    ends_on    date NOT NULL
);

CREATE TABLE customers (
    id         integer PRIMARY KEY,
    city_id    integer NOT NULL REFERENCES cities,
    segment    varchar(12) NOT NULL,
    email      varchar(80) NOT NULL,
    born_on    date,
    joined_on  date NOT NULL,
    left_on    date
);

-- Facts ----------------------------------------------------------------------------------------

CREATE TABLE orders (
    id           integer PRIMARY KEY,
    customer_id  integer NOT NULL REFERENCES customers,
    store_id     integer REFERENCES stores,
    ordered_on   date NOT NULL,
    channel      varchar(8) NOT NULL,
    status       varchar(10) NOT NULL,
    shipping     numeric(8,2) NOT NULL
);

CREATE TABLE order_lines (
    order_id      integer NOT NULL REFERENCES orders,
    line          smallint NOT NULL,
    product_id    integer NOT NULL REFERENCES products,
    promotion_id  integer REFERENCES promotions,
    sold_on       date NOT NULL,
    quantity      smallint NOT NULL,
    price         numeric(10,2) NOT NULL,
    discount      numeric(4,2) NOT NULL,
    PRIMARY KEY (order_id, line)
);

CREATE TABLE returns (
    id           integer PRIMARY KEY,
    order_id     integer NOT NULL REFERENCES orders,
    product_id   integer NOT NULL REFERENCES products,
    returned_on  date NOT NULL,
    reason       varchar(12) NOT NULL,
    refund       numeric(10,2) NOT NULL
);

CREATE TABLE stock_levels (
    product_id  integer NOT NULL REFERENCES products,
    store_id    integer NOT NULL REFERENCES stores,
    counted_on  date NOT NULL,
    on_hand     integer NOT NULL,
    PRIMARY KEY (product_id, store_id, counted_on)
);
