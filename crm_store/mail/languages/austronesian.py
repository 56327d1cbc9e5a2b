"""Indonesian, Malay, Filipino."""

from crm_store.mail.languages.language import Language

AUSTRONESIAN = (
    Language(
        code="id",
        author="Dari|Pengirim",
        to="Kepada|Ke|Untuk|Penerima",
        cc="Tembusan|Salinan|Tindasan|CC ke",
        bcc="Bcc|Salinan rahasia|Tembusan buta",
        date="Tanggal|Dikirim|Terkirim|Tgl|Waktu|Dikirim pada|Hari/Tanggal",
        subject="Subjek|Perihal|Judul|Hal|Topik",
        reply_to="Balas ke|Balas Ke|Membalas ke",
        other="Lampiran|Kepentingan|Prioritas",
        passed_on="Pesan Diteruskan|Pesan yang diteruskan|Pesan terusan|Email Diteruskan|Email yang diteruskan|"
        "Diteruskan oleh|Diteruskan dari|Mulai pesan yang diteruskan|Awal pesan yang diteruskan|"
        "Mulai pesan terusan|Begin pesan terusan|Surat diteruskan|Surel Diteruskan|Surel yang diteruskan",
        original="Pesan Asli|Pesan asal|Email Asli|Surat Asli|Surel Asli|Pesan sebelumnya",
        wrote="menulis|telah menulis|menuliskan|berkata",
        on="Pada|Pada tanggal|Tanggal|Di",
        sent_from="Dikirim dari|Dikirim melalui|Dikirim menggunakan|Dikirim dengan|Terkirim dari|"
        "Dapatkan Outlook untuk|Unduh Outlook untuk|Powered by",
        represents="atas nama",
        forward="Trs|Terusan|Diteruskan|Teruskan",
        answer="Bls|Balas|Balasan",
        months="januari februari/pebruari/feb/peb maret april mei juni juli agustus/agt/ags/agu september oktober "
        "november/nopember/nov/nop desember",
    ),
    Language(
        code="ms",
        author="Daripada|Dari|Penghantar",
        to="Kepada|Ke|Untuk",
        cc="Salinan kepada|Salinan|s.k.|Sk",
        bcc="Bcc|Salinan kepada tersembunyi",
        date="Tarikh|Dihantar|Tarikh dihantar|Dihantar pada",
        subject="Subjek|Perkara|Tajuk",
        reply_to="Balas kepada|Jawab kepada",
        other="Lampiran|Kepentingan",
        passed_on="Mesej dimajukan|Mesej yang dimajukan|E-mel dimajukan|Dimajukan oleh|Mula mesej yang dimajukan|"
        "Mulakan mesej yang dimajukan|Mesej dipanjangkan|Mesej Diteruskan|Mesej yang diteruskan",
        original="Mesej Asal|E-mel Asal|Mesej Asli",
        wrote="menulis|telah menulis|tulis",
        on="Pada|Di",
        sent_from="Dihantar dari|Dihantar daripada|Dihantar melalui|Dihantar menggunakan|Dapatkan Outlook untuk",
        represents="bagi pihak",
        forward="Maju|Majukan",
        answer="Bls|Balas",
        months="januari februari mac april mei jun julai ogos/ogo september oktober november disember",
    ),
    Language(
        code="fil",
        author="Mula kay|Mula sa|Galing kay|Mula",
        to="Para kay|Para sa|Kay",
        cc="Kopya|Kopya kay",
        date="Petsa|Ipinadala|Naipadala",
        subject="Paksa",
        passed_on="Ipinasang mensahe|Naipasang mensahe|Ipinasa na mensahe|Simula ng ipinasang mensahe",
        original="Orihinal na Mensahe",
        wrote="sinulat ni|isinulat ni|ay sumulat|sumulat|nagsulat|isinulat",
        on="Noong|Nuong",
        sent_from="Ipinadala mula sa|Ipinadala mula|Naipadala mula sa",
        months="enero pebrero marso abril mayo hunyo hulyo agosto setyembre oktubre nobyembre disyembre",
    ),
)
