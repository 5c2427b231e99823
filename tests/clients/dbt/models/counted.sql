select id, c_text as kind, c_dec as amount from {{ source('shop', 'every') }} where c_text is not null
