{{ config(materialized='view') }}
select c.id, p.name from {{ ref('counted') }} c join {{ ref('people') }} p on p.id = c.id
