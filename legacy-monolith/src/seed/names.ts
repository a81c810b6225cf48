import type { Prng } from './prng.ts';

type NamePool = { weight: number; first: readonly string[]; last: readonly string[] };

/** People of the places that Meridian flies to, written as they write themselves. */
const POOLS: readonly NamePool[] = [
  pool(
    30,
    'Oliver Amelia George Isla Harry Ava Jack Emily Noah Grace Leo Sophie Arthur Freya Charlie Alice',
    "Smith Jones Taylor Brown Williams Wilson Evans Walker Wright O'Brien Clarke Hughes Green Hall Wood Turner",
  ),
  pool(
    10,
    'Lukas Mia Jürgen Günther Käthe Jörg Anneliese Björn Ulrike Sören',
    'Müller Schäfer Weiß Größ Köhler Böhm Strauß Jäger Krämer Löwe',
  ),
  pool(
    10,
    'Élodie François Chloé Zoë Benoît Hélène Loïc Gaëlle Noël Céline',
    "Lefèvre Dubois Béranger Côté D'Aubigné Garçon Moreau Pélissier Rémy Thévenet",
  ),
  pool(
    10,
    'José María Íñigo Lucía Ángel Begoña Joaquín Inés Óscar Núria',
    'García Muñoz Fernández Peña Ibáñez Núñez Martínez Ordóñez Gómez Sáenz-López',
  ),
  pool(
    8,
    'João Inês António Conceição Luís Sílvia Gonçalo Lídia',
    'Gonçalves Araújo Magalhães Simões Conceição Leão Falcão Pinhão',
  ),
  pool(
    8,
    'Søren Åsa Håkon Þóra Ægir Linnéa Jørgen Sólveig',
    'Ødegård Åkesson Sørensen Jónsdóttir Hägglund Bjørnstad Mäkelä Väisänen',
  ),
  pool(
    8,
    'Łukasz Małgorzata Zdeněk Šárka Ștefan Ágnes Željko Dženana',
    'Wiśniewski Dvořák Țepeș Kovačević Szőke Žižka Łuczak Hrušková',
  ),
  pool(4, 'Çağla İsmail Gülşen Öykü', 'Şahin Yılmaz Öztürk Çelik'),
  pool(4, 'Γιώργος Ελένη Νίκος Αθηνά', 'Παπαδόπουλος Οικονόμου Γεωργίου Αντωνίου'),
  pool(4, 'Иван Мария Георги Ольга', 'Петров Димитрова Иванов Соколова'),
  pool(4, 'Chinedu Ngozi Fatou Amina', 'Okonkwo Adébáyọ̀ Ndiaye Diallo'),
  pool(2, '太郎 花子 さくら 健一', '佐藤 鈴木 高橋 渡辺'),
  pool(2, '伟 芳 秀英 敏', '王 李 张 欧阳'),
];

function pool(weight: number, first: string, last: string): NamePool {
  return { weight, first: first.split(' '), last: last.split(' ') };
}

const WEIGHTED = POOLS.map((each) => [each, each.weight] as const);

export type PersonName = { first: string; last: string };

export function personName(prng: Prng): PersonName {
  const { first, last } = prng.weighted(WEIGHTED);
  return { first: prng.pick(first), last: prng.pick(last) };
}

/** Another first name that goes with a family. */
export function relativeOf(prng: Prng, { last }: PersonName): PersonName {
  const family = POOLS.find((each) => each.last.includes(last)) ?? (POOLS[0] as NamePool);
  return { first: prng.pick(family.first), last };
}
