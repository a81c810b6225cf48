export type Airport = {
  code: string;
  name: string;
  city: string;
  country: string;
  latitude: number;
  longitude: number;
  /** Where Meridian's flights to it start. */
  hub: 'LHR' | 'LIS';
};

/** One line each: code|name|city|country|latitude|longitude, and LIS where that is the hub. The first twelve make the small scale. */
const LINES = `
LHR|London Heathrow|London|GB|51.4706|-0.4619
JFK|John F. Kennedy International|New York|US|40.6398|-73.7789
LIS|Humberto Delgado|Lisbon|PT|38.7742|-9.1342
CDG|Paris Charles de Gaulle|Paris|FR|49.0128|2.55
FRA|Frankfurt am Main|Frankfurt|DE|50.0333|8.5706
AMS|Amsterdam Schiphol|Amsterdam|NL|52.3086|4.7639
MAD|Adolfo Suárez Madrid–Barajas|Madrid|ES|40.4719|-3.5626
FCO|Roma Fiumicino|Rome|IT|41.8003|12.2389
ATH|Eleftherios Venizelos|Athens|GR|37.9364|23.9445
DXB|Dubai International|Dubai|AE|25.2528|55.3644
GRU|São Paulo–Guarulhos|São Paulo|BR|-23.4356|-46.4731|LIS
HND|Tokyo Haneda|Tokyo|JP|35.5523|139.78
DUB|Dublin|Dublin|IE|53.4213|-6.2701
EDI|Edinburgh|Edinburgh|GB|55.95|-3.3725
MAN|Manchester|Manchester|GB|53.3537|-2.275
BRU|Brussels|Brussels|BE|50.9014|4.4844
ZRH|Zürich|Zürich|CH|47.4647|8.5492
GVA|Genève|Geneva|CH|46.2381|6.109
VIE|Wien-Schwechat|Vienna|AT|48.1103|16.5697
MUC|München Franz Josef Strauß|Munich|DE|48.3538|11.7861
BER|Berlin Brandenburg|Berlin|DE|52.3514|13.4939
HAM|Hamburg|Hamburg|DE|53.6304|9.9882
CPH|København Kastrup|Copenhagen|DK|55.6179|12.656
OSL|Oslo Gardermoen|Oslo|NO|60.1939|11.1004
ARN|Stockholm Arlanda|Stockholm|SE|59.6519|17.9186
HEL|Helsinki-Vantaa|Helsinki|FI|60.3172|24.9633
KEF|Keflavík|Reykjavík|IS|63.985|-22.6056
WAW|Warszawa Chopin|Warsaw|PL|52.1657|20.9671
PRG|Praha Václav Havel|Prague|CZ|50.1008|14.26
BUD|Budapest Liszt Ferenc|Budapest|HU|47.4369|19.2556
OTP|București Henri Coandă|Bucharest|RO|44.5722|26.1022
SOF|София Vasil Levski|Sofia|BG|42.6967|23.4114
IST|İstanbul|Istanbul|TR|41.2753|28.7519
BCN|Josep Tarradellas Barcelona–El Prat|Barcelona|ES|41.2971|2.0785
AGP|Málaga–Costa del Sol|Málaga|ES|36.6749|-4.4991
PMI|Palma de Mallorca|Palma|ES|39.5517|2.7388
OPO|Francisco Sá Carneiro|Porto|PT|41.2481|-8.6814|LIS
FNC|Cristiano Ronaldo Madeira|Funchal|PT|32.6979|-16.7745|LIS
MXP|Milano Malpensa|Milan|IT|45.6306|8.7281
VCE|Venezia Marco Polo|Venice|IT|45.5053|12.3519
NAP|Napoli Capodichino|Naples|IT|40.886|14.2908
NCE|Nice Côte d’Azur|Nice|FR|43.6584|7.2159
LYS|Lyon Saint-Exupéry|Lyon|FR|45.7256|5.0811
SKG|Thessaloniki Makedonia|Thessaloniki|GR|40.5197|22.9709
LCA|Larnaca|Larnaca|CY|34.8751|33.6249
TLV|Ben Gurion|Tel Aviv|IL|32.0114|34.8867
CAI|Cairo International|Cairo|EG|30.1219|31.4056
CMN|Mohammed V|Casablanca|MA|33.3675|-7.59|LIS
DSS|Blaise Diagne|Dakar|SN|14.67|-17.0733|LIS
LOS|Murtala Muhammed|Lagos|NG|6.5774|3.3212
JNB|O. R. Tambo|Johannesburg|ZA|-26.1392|28.246
BOS|Logan International|Boston|US|42.3643|-71.0052
SFO|San Francisco International|San Francisco|US|37.619|-122.3749
YYZ|Toronto Pearson|Toronto|CA|43.6772|-79.6306
MEX|Benito Juárez|Mexico City|MX|19.4363|-99.0721
EZE|Ministro Pistarini|Buenos Aires|AR|-34.8222|-58.5358|LIS
BOM|Chhatrapati Shivaji Maharaj|Mumbai|IN|19.0887|72.8679
SIN|Singapore Changi|Singapore|SG|1.3502|103.9944
HKG|Hong Kong International|Hong Kong|HK|22.3089|113.9146
SYD|Kingsford Smith|Sydney|AU|-33.9461|151.1772
`;

export const AIRPORTS: readonly Airport[] = LINES.trim()
  .split('\n')
  .map((line) => {
    const [code, name, city, country, latitude, longitude, hub] = line.split('|') as [string, ...string[]];
    return {
      code,
      name: name as string,
      city: city as string,
      country: country as string,
      latitude: Number(latitude),
      longitude: Number(longitude),
      hub: hub === 'LIS' ? 'LIS' : 'LHR',
    };
  });

const EARTH_RADIUS_KM = 6371;

/** Great-circle distance. */
export function distanceKm(from: Airport, to: Airport): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const latitude = radians(to.latitude - from.latitude);
  const longitude = radians(to.longitude - from.longitude);
  const chord =
    Math.sin(latitude / 2) ** 2 +
    Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) * Math.sin(longitude / 2) ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(chord));
}
